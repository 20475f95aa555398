/** The id of this browser tab. */
const KEY = 'jupyter-session-export:client';

/** So long a page waits for the one before to let go of its id, which a busy browser may delay. */
const LETTING_GO = 3000;

/** The part of the Web Locks API that a claim needs. */
export interface ILocks {
  request(
    name: string,
    options: { signal: AbortSignal },
    callback: () => Promise<void>
  ): Promise<unknown>;
}

/**
 * Return the id of this tab: the same after a reload, another in a duplicated tab.
 *
 * A duplicated tab inherits the sessionStorage, id included; the lock tells the two apart.
 * Web Locks exist in secure contexts only; elsewhere the id is in the storage only while
 * no page holds it, which loses it where a browser ends without leaving the page.
 */
export async function claimClientId(storage: Storage, locks?: ILocks): Promise<string> {
  const known = storage.getItem(KEY);
  if (known !== null && (await claim(known, locks))) {
    return keep(known, storage, locks);
  }
  const fresh = randomId();
  await claim(fresh, locks);
  return keep(fresh, storage, locks);
}

/**
 * Return a call that tells the server once that this tab's page was loaded, and resolves to
 * the tab's id. By then the exports of the page before have ended.
 */
export function arrivedOnce(
  claimId: () => Promise<string>,
  raiseEpoch: (id: string) => Promise<unknown>
): () => Promise<string> {
  const clientId = claimedOnce(claimId);
  return claimedOnce(async () => {
    const id = await clientId();
    await raiseEpoch(id);
    return id;
  });
}

/** Return a call that claims only once; a claim that failed is made anew by the next call. */
export function claimedOnce(claim: () => Promise<string>): () => Promise<string> {
  let claimed: Promise<string> | null = null;
  return () =>
    (claimed ??= claim().catch((reason: unknown) => {
      claimed = null;
      throw reason;
    }));
}

/** Hold the lock of an id for as long as the page lives; false if another tab holds it. */
async function claim(id: string, locks?: ILocks): Promise<boolean> {
  if (!locks) {
    return true;
  }
  const signal = AbortSignal.timeout(LETTING_GO);
  try {
    await new Promise<void>((resolve, reject) => {
      const hold = () => {
        resolve();
        return new Promise<void>(() => undefined);
      };
      locks.request(`${KEY}:${id}`, { signal }, hold).catch(reject);
    });
    return true;
  } catch (reason) {
    if (signal.aborted) {
      return false;
    }
    throw reason;
  }
}

/** Let the tab's next page find the id, and no page of another tab. */
function keep(id: string, storage: Storage, locks?: ILocks): string {
  const put = () => {
    storage.setItem(KEY, id);
  };
  if (locks) {
    put();
  } else {
    storage.removeItem(KEY);
    window.addEventListener('pagehide', put);
    window.addEventListener('pageshow', () => {
      storage.removeItem(KEY);
    });
  }
  return id;
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
