/** Stand-ins for the server and for JupyterLab. */
import { ServerConnection } from '@jupyterlab/services';
import type { Notification } from '@jupyterlab/apputils';

import type {
  IClientApi,
  IEpoch,
  IExportApi,
  IExportJob,
  IExportRequest,
  IRecording,
  IRecordingApi
} from '../src/api';
import type { INotifier } from '../src/toast';

export function job(changes: Partial<IExportJob> = {}): IExportJob {
  return {
    id: 'e1',
    session_id: 's1',
    state: 'preparing',
    scope: 'session',
    path: null,
    include: ['code'],
    compression: 'maximum',
    created_at: '2026-11-20T10:00:00Z',
    filename: 'session_export_2026-11-20.zip',
    bytes: null,
    etag: null,
    left_out: 0,
    transfers: 0,
    progress: {
      stage: 'settling',
      percent: 0,
      entries_done: 0,
      entries_total: 0,
      bytes_done: 0,
      bytes_total: 0,
      elapsed: 0,
      remaining: null,
      bytes_per_second: null
    },
    error: null,
    client_id: 'c1',
    epoch: 1,
    finished_at: null,
    downloads: [],
    delivered: 0,
    ...changes
  };
}

export const ready = (changes: Partial<IExportJob> = {}): IExportJob =>
  job({ state: 'ready', bytes: 12_345_678, ...changes });

/** A ready export whose ZIP is on its way. */
export const sending = (sent_bytes: number, first_byte = 0): IExportJob =>
  ready({
    transfers: 1,
    downloads: [
      {
        started_at: '2026-11-20T10:00:01Z',
        first_byte,
        total_bytes: 12_345_678,
        sent_bytes
      }
    ]
  });

/** Answers each `follow` with the next of `answers`, the last one over and over. */
export class FakeExportApi implements IExportApi {
  readonly created: IExportRequest[] = [];
  readonly cancelled: string[] = [];
  follows = 0;
  answers: (IExportJob | Error)[] = [ready()];
  onCreate: () => Promise<IExportJob> = () => Promise.resolve(job());
  onCancel: () => Promise<void> = () => Promise.resolve();

  create(request: IExportRequest): Promise<IExportJob> {
    this.created.push(request);
    return this.onCreate();
  }

  follow(): Promise<IExportJob> {
    const answer = this.answers[Math.min(this.follows, this.answers.length - 1)];
    this.follows += 1;
    return answer instanceof Error || answer === undefined
      ? Promise.reject(answer ?? new Error('No answer was prepared'))
      : Promise.resolve(answer);
  }

  cancel(id: string): Promise<void> {
    this.cancelled.push(id);
    return this.onCancel();
  }

  downloadUrl(id: string): string {
    return `/exports/${id}/download`;
  }
}

/** Knows the exports of the pages before, and which pages were loaded. */
export class FakeClientApi implements IClientApi {
  readonly raised: string[] = [];
  asked = 0;
  jobs: IExportJob[] = [];
  failure: Error | null = null;

  raiseEpoch(clientId: string): Promise<IEpoch> {
    this.raised.push(clientId);
    return this.failure
      ? Promise.reject(this.failure)
      : Promise.resolve({ session_id: 's1', epoch: this.raised.length, cancelled: [] });
  }

  exports(): Promise<IExportJob[]> {
    this.asked += 1;
    return Promise.resolve(this.jobs);
  }
}

export class FakeRecordingApi implements IRecordingApi {
  asked = 0;
  wanted: string[] = [];
  answer: IRecording = { state: 'on', reason: null };
  failure: Error | null = null;

  recording(): Promise<IRecording> {
    this.asked += 1;
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(this.answer);
  }

  setRecording(state: 'on' | 'paused', notebook?: string): Promise<IRecording> {
    this.wanted.push(notebook === undefined ? state : `${state} ${notebook}`);
    if (this.failure) {
      return Promise.reject(this.failure);
    }
    this.answer =
      notebook === undefined
        ? { state, reason: null }
        : { state: 'on', reason: null, notebooks_off: state === 'on' ? [] : [notebook] };
    return Promise.resolve(this.answer);
  }
}

export interface INote {
  message: string;
  type: Notification.TypeOptions;
  progress?: number | undefined;
  autoClose?: number | false | undefined;
  actions: Notification.IAction[];
}

/** Keeps the notifications that are on the screen. */
export class FakeNotifier implements INotifier {
  readonly notes = new Map<string, INote>();
  changes = 0;

  notify(
    message: string,
    type: Notification.TypeOptions,
    { actions = [], autoClose, progress }: Notification.IOptions<never>
  ): string {
    const id = `n${this.changes++}`;
    this.notes.set(id, { message, type, progress, autoClose, actions });
    return id;
  }

  update(args: Notification.IUpdate<never>): boolean {
    const note = this.notes.get(args.id);
    if (!note) {
      return false;
    }
    this.changes += 1;
    this.notes.set(args.id, {
      message: args.message ?? note.message,
      type: args.type ?? note.type,
      progress: args.progress ?? note.progress,
      autoClose: args.autoClose ?? note.autoClose,
      actions: args.actions ?? note.actions
    });
    return true;
  }

  dismiss(id: string): void {
    this.notes.delete(id);
  }

  /** The only notification on the screen. */
  get only(): INote {
    const [note, ...others] = this.notes.values();
    if (!note || others.length > 0) {
      throw new Error(`${this.notes.size} notifications instead of one`);
    }
    return note;
  }

  press(label: string): MouseEvent {
    const action = this.only.actions.find(candidate => candidate.label === label);
    if (!action) {
      throw new Error(`No action ${label}`);
    }
    const event = new MouseEvent('click', { cancelable: true });
    action.callback(event);
    return event;
  }
}

/** Server settings whose requests all go to `answer`. */
export function settings(
  answer: (request: Request) => Promise<Response>
): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/base/',
    token: 'secret',
    fetch: input => answer(input as Request)
  });
}

export interface IDeferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
}

/** A promise that the test resolves. */
export function deferred<T>(): IDeferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>(done => {
    resolve = done;
  });
  return { promise, resolve };
}
