/** The other tabs of the same server in this browser, which may hold unsaved notebooks. */
import type { IDisposable } from '@lumino/disposable';

import type { ISavable } from './notebooks';

/** Milliseconds in which a tab that has something to save says so. */
const GREETING = 200;

/** Milliseconds after which what another tab has not saved counts as unsaved. */
const PATIENCE = 10_000;

/** The part of a BroadcastChannel that is needed here: it reaches all tabs but its own. */
export interface IChannel {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What tabs say to each other. `ask` names one request, `paths` are of notebooks. */
type Message =
  | { kind: 'save'; ask: string }
  | { kind: 'saving'; ask: string; tab: string; paths: string[] }
  | { kind: 'saved'; ask: string; tab: string; paths: string[] };

export interface ITabsOptions {
  channel: IChannel;
  /** What this tab has to save. */
  unsaved: () => Pick<ISavable, 'path'>[];
  /** Saves it; resolves to the paths that could not be saved. */
  save: () => Promise<string[]>;
}

export class Tabs implements IDisposable {
  constructor(private readonly options: ITabsOptions) {
    options.channel.onmessage = ({ data }) => {
      this._hear(data as Message);
    };
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Save the notebooks of all tabs.
   *
   * @returns the paths of those that are still unsaved.
   */
  async saveAll(): Promise<string[]> {
    const asked = new SaveRequest(ask => {
      this._say({ kind: 'save', ask });
    });
    this._requests.add(asked);
    try {
      const [own, others] = await Promise.all([this._save(), asked.done]);
      return [...own, ...others];
    } finally {
      this._requests.delete(asked);
      asked.dispose();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.options.channel.onmessage = null;
    this.options.channel.close();
  }

  private _hear(message: Message): void {
    if (message.kind === 'save') {
      void this._answer(message.ask);
      return;
    }
    for (const asked of this._requests) {
      if (asked.id === message.ask) {
        asked.hear(message);
      }
    }
  }

  private async _answer(ask: string): Promise<void> {
    const paths = this.options.unsaved().map(({ path }) => path);
    if (paths.length > 0) {
      this._say({ kind: 'saving', ask, tab: this._id, paths });
      // What fails is still unsaved, and has been told in this tab.
      const left = await this._save().catch(() => paths);
      this._say({ kind: 'saved', ask, tab: this._id, paths: left });
    }
  }

  /** Save once an earlier save is over: JupyterLab takes two at a time for a conflict. */
  private _save(): Promise<string[]> {
    const saved = this._saved.then(() => this.options.save());
    this._saved = saved.catch(() => undefined);
    return saved;
  }

  private _say(message: Message): void {
    if (!this._isDisposed) {
      this.options.channel.postMessage(message);
    }
  }

  private readonly _id = randomName();
  private _isDisposed = false;
  private readonly _requests = new Set<SaveRequest>();
  private _saved: Promise<unknown> = Promise.resolve();
}

/** One request to the other tabs; over when all that have answered have saved. */
class SaveRequest implements IDisposable {
  constructor(send: (id: string) => void) {
    this.done = new Promise(resolve => {
      this._resolve = resolve;
    });
    this._greeting = setTimeout(() => {
      this._isGreeted = true;
      this._look();
    }, GREETING);
    this._patience = setTimeout(() => {
      this._resolve([...this._saving.values(), this._unsaved].flat());
    }, PATIENCE);
    send(this.id);
  }

  readonly id = randomName();

  /** Resolves to the paths that are still unsaved. */
  readonly done: Promise<string[]>;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  hear(message: Exclude<Message, { kind: 'save' }>): void {
    if (message.kind === 'saving') {
      this._saving.set(message.tab, message.paths);
    } else {
      this._saving.delete(message.tab);
      this._unsaved.push(...message.paths);
    }
    this._look();
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._greeting);
    clearTimeout(this._patience);
  }

  private _look(): void {
    if (this._isGreeted && this._saving.size === 0) {
      this._resolve(this._unsaved);
    }
  }

  private readonly _greeting: ReturnType<typeof setTimeout>;
  private _isDisposed = false;
  private _isGreeted = false;
  private readonly _patience: ReturnType<typeof setTimeout>;
  private _resolve: (paths: string[]) => void = () => undefined;
  private readonly _saving = new Map<string, string[]>();
  private readonly _unsaved: string[] = [];
}

function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4))).join('-');
}
