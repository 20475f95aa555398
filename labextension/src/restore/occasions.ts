/** When to compare a notebook with the record: when it is opened, and is reached again. */
import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelMessage, type Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';

/** Milliseconds after which a page that was opened or reconnected has its own messages. */
const CALM = 500;

/** What the server prints in place of output that came faster than it passes on. */
const CUT = /^IOPub (?:data|message) rate exceeded/m;

/** A kernel says this of itself when what ran in it is over. */
const GONE: readonly Kernel.Status[] = ['restarting', 'autorestarting', 'dead'];

/** The part of a notebook's session that is watched. */
export type IWatched = Pick<
  ISessionContext,
  'connectionStatusChanged' | 'kernelChanged' | 'ready' | 'session' | 'statusChanged'
>;

export interface IOccasionsOptions {
  session: IWatched;
  look: () => void;
  /** Whether the page waits for the end of a cell. */
  isRunning: () => boolean;
  kernelGone: () => void;
}

export class Occasions implements IDisposable {
  constructor(private readonly options: IOccasionsOptions) {
    const { session } = options;
    session.connectionStatusChanged.connect(this._connection, this);
    session.kernelChanged.connect(this._kernel, this);
    session.statusChanged.connect(this._status, this);
    void session.ready.then(
      () => {
        this._listen();
        this._soon();
      },
      // Without a kernel there may be something to restore all the same.
      () => {
        this._soon();
      }
    );
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    const { session } = this.options;
    this._isDisposed = true;
    clearTimeout(this._timer);
    session.connectionStatusChanged.disconnect(this._connection, this);
    this._heard?.anyMessage.disconnect(this._message, this);
    session.kernelChanged.disconnect(this._kernel, this);
    session.statusChanged.disconnect(this._status, this);
  }

  private _connection(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status !== 'connected') {
      this._wasCut = true;
    } else if (this._wasCut) {
      this._wasCut = false;
      // What this page has itself begun goes on in it; some of that may be missing.
      this._isDueAtEnd = true;
      this._soon();
    }
  }

  private _kernel(): void {
    this._wasCut = false;
    this.options.kernelGone();
    this._listen();
    this._soon();
  }

  /** JupyterLab may drop what the server says itself, since it comes from another session. */
  private _listen(): void {
    this._heard?.anyMessage.disconnect(this._message, this);
    this._heard = this.options.session.session?.kernel ?? null;
    this._heard?.anyMessage.connect(this._message, this);
  }

  private _message(_: unknown, { msg }: Kernel.IAnyMessageArgs): void {
    if (KernelMessage.isStreamMsg(msg)) {
      const { name, text } = msg.content;
      this._isDueAtEnd ||= name === 'stderr' && CUT.test(text);
    } else if (this._isDueAtEnd && isEnd(msg)) {
      this._soon();
    }
  }

  private _status(_: unknown, status: Kernel.Status): void {
    if (GONE.includes(status)) {
      this.options.kernelGone();
    }
  }

  private _soon(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      if (!this._isDisposed) {
        this._isDueAtEnd &&= this.options.isRunning();
        this.options.look();
      }
    }, CALM);
  }

  private _heard: Kernel.IKernelConnection | null = null;
  private _isDisposed = false;
  private _isDueAtEnd = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _wasCut = false;
}

/** What JupyterLab takes for the kernel's status is also of requests that run beside a cell. */
function isEnd(message: KernelMessage.IMessage): boolean {
  const { parent_header } = message;
  return (
    KernelMessage.isStatusMsg(message) &&
    message.content.execution_state === 'idle' &&
    'msg_type' in parent_header &&
    parent_header.msg_type === 'execute_request'
  );
}
