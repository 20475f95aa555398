/** The exports that this tab began and has not told the end of. They outlive the page. */
import type { IClientApi, IExportJob } from './api';
import type { Delivery } from './delivery';
import { CANCELLED_SESSION_CHANGE } from './errors';
import type { ExportModel } from './export';

const KEY = 'jupyter-session-export:unfinished';

/** So many are remembered; a tab seldom has more than one. */
const MOST = 20;

export class UnfinishedExports {
  /** `storage` is the tab's own; a page in a sandbox must not even ask for it. */
  constructor(private readonly storage: () => Storage) {}

  get ids(): string[] {
    const ids: unknown = parse(this.storage().getItem(KEY));
    return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
  }

  add(id: string): void {
    const { ids } = this;
    if (!ids.includes(id)) {
      this._write([id, ...ids].slice(0, MOST));
    }
  }

  remove(...gone: string[]): void {
    this._write(this.ids.filter(id => !gone.includes(id)));
  }

  /** Keep up with what this page begins and ends. */
  watch(exporting: ExportModel, delivery: Delivery): void {
    exporting.changed.connect(({ job, running }) => {
      if (job && running) {
        this.add(job.id);
      }
    });
    exporting.ended.connect(({ job }, { kind }) => {
      if (job && kind !== 'ready') {
        this.remove(job.id);
      }
    });
    delivery.changed.connect(({ job, state }) => {
      if (job && ['done', 'cancelled', 'failed'].includes(state.kind)) {
        this.remove(job.id);
      }
    });
  }

  private _write(ids: string[]): void {
    if (ids.length > 0) {
      this.storage().setItem(KEY, JSON.stringify(ids));
    } else {
      this.storage().removeItem(KEY);
    }
  }
}

/** What became of the exports of the page before, newest first. */
export interface IPageBefore {
  /** Ended, since this page was loaded. */
  ended: IExportJob[];
  /** Still prepared: the server is told not to end them. */
  goingOn: IExportJob[];
}

/**
 * Look once for what the page before has begun.
 *
 * @param clientId resolves when the server knows that this page was loaded.
 */
export async function lookBack(
  api: IClientApi,
  clientId: () => Promise<string>,
  unfinished: UnfinishedExports
): Promise<IPageBefore> {
  const client = await clientId();
  const { ids } = unfinished;
  if (ids.length === 0) {
    return { ended: [], goingOn: [] };
  }
  // A duplicated tab inherits what the other one has begun.
  const jobs = (await api.exports()).filter(
    job => ids.includes(job.id) && job.client_id === client
  );
  unfinished.remove(...ids);
  return {
    ended: jobs.filter(isCutShort),
    goingOn: jobs.filter(({ state }) => state === 'preparing')
  };
}

function isCutShort({ delivered, error }: IExportJob): boolean {
  return error?.code === CANCELLED_SESSION_CHANGE && delivered === 0;
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
}
