/** A run that goes on while its page was away: shown from where the record is, then live. */
import { KernelMessage, type Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import { putBeginning, putRunning, type IRestorable } from './cell';
import { isGoingOn, type IQuestion, type IRun, type IRunOutputs } from './contract';
import { Folding } from './folding';
import { pause, type Pause } from './pause';

/** Milliseconds of listening before the record is asked: whatever came earlier is in it. */
const OVERLAP = 250;

/** So many messages may come while the record is asked; with more it is asked again. */
const MOST_WAITING = 5_000;

/** How often the record is asked again. */
const LOOKS = 5;

/** The part of a kernel's connection that following needs. */
export interface IHeard {
  readonly connectionStatus: Kernel.ConnectionStatus;
  readonly connectionStatusChanged: ISignal<unknown, Kernel.ConnectionStatus>;
  readonly iopubMessage: ISignal<unknown, KernelMessage.IIOPubMessage>;
}

export interface ILiveOptions {
  run: IRun;
  kernel: IHeard;
  /** The cell as it is now: JupyterLab makes another model of one that is moved. */
  cell: () => IRestorable | null;
  /** What it has put out so far. */
  fetch: () => Promise<IRunOutputs>;
  /** What it has put out, when the record has all of it. */
  final: () => Promise<IRunOutputs>;
  /** It waits for an answer; whom it has asked is another page, which may be gone. */
  asked: (question: IQuestion) => void;
  /** It is over, and this is all of it. */
  ended: (found: IRunOutputs) => void;
  /** It is over, and the record can't be had. */
  failed: (reason: unknown) => void;
  pause?: Pause;
}

export class LiveRun implements IDisposable {
  constructor(private readonly options: ILiveOptions) {
    this._pause = options.pause ?? pause;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Resolves when it is shown, as soon as the kernel can be heard; rejects as `fetch` does. */
  async begin(): Promise<void> {
    const { kernel } = this.options;
    kernel.iopubMessage.connect(this._hear, this);
    kernel.connectionStatusChanged.connect(this._connection, this);
    if (kernel.connectionStatus === 'connected') {
      try {
        await this._catchUp();
      } catch (reason) {
        this.dispose();
        throw reason;
      }
    }
  }

  /** It is over: the record has all of it, also what this page has missed. */
  async finish(): Promise<void> {
    if (this._isEnding || this._isDisposed) {
      return;
    }
    this._isEnding = true;
    try {
      this._end(await this.options.final());
    } catch (reason) {
      this._fail(reason);
    }
  }

  /** Leave the cell as it is. */
  dispose(): void {
    this._isDisposed = true;
    this._waiting = null;
    this.options.kernel.iopubMessage.disconnect(this._hear, this);
    this.options.kernel.connectionStatusChanged.disconnect(this._connection, this);
  }

  private _fail(reason: unknown): void {
    if (!this._isDisposed) {
      this.dispose();
      this.options.failed(reason);
    }
  }

  private _connection(_: unknown, status: Kernel.ConnectionStatus): void {
    if (status === 'connected') {
      // Whatever came while nobody listened is in the record.
      this._catchUp().catch((reason: unknown) => {
        this._fail(reason);
      });
    }
  }

  /** Of several at once only the newest goes on: what the others heard has a gap. */
  private async _catchUp(): Promise<void> {
    const waiting: KernelMessage.IIOPubMessage[] = [];
    this._waiting = waiting;
    const isNewest = () => this._waiting === waiting;
    let found: IRunOutputs;
    try {
      await this._pause(OVERLAP);
      found = await this._lookUp(waiting);
    } catch (reason) {
      if (isNewest()) {
        throw reason;
      }
      return;
    }
    const cell = this.options.cell();
    if (!isNewest() || this._isEnding) {
      return;
    }
    if (!cell) {
      this.dispose();
    } else if (isGoingOn(found.run)) {
      this._join(cell, found);
    } else {
      this._end(found);
    }
  }

  private _end(found: IRunOutputs): void {
    if (!this._isDisposed) {
      this.dispose();
      this.options.ended(found);
    }
  }

  /** What the record has; what comes after that waits, all of it. */
  private async _lookUp(waiting: KernelMessage.IIOPubMessage[]): Promise<IRunOutputs> {
    let found = await this.options.fetch();
    for (let looks = LOOKS; looks > 0 && waiting.length > MOST_WAITING; looks--) {
      waiting.length = 0;
      found = await this.options.fetch();
    }
    return found;
  }

  private _join(cell: IRestorable, found: IRunOutputs): void {
    putBeginning(cell, found);
    putRunning(cell);
    this._cell = cell;
    this._count = found.run.execution_count;
    this._folding = new Folding(
      cell.outputs,
      found.displays,
      found.position.clear_pending
    );
    this._known = new Set(found.position.messages);
    this._oldest = found.position.oldest_date ?? '';
    this._tellQuestion(found.question ?? null);
    const waiting = this._waiting ?? [];
    this._waiting = null;
    for (const message of waiting) {
      this._take(message);
    }
  }

  /** Once: the record doesn't know of an answer that this page has sent. */
  private _tellQuestion(question: IQuestion | null): void {
    if (question && question.number > this._lastAsked) {
      this._lastAsked = question.number;
      this.options.asked(question);
    }
  }

  private _hear(_: unknown, message: KernelMessage.IIOPubMessage): void {
    if (!this._waiting) {
      this._take(message);
    } else if (this._waiting.length <= MOST_WAITING) {
      this._waiting.push(message);
    }
  }

  private _take(message: KernelMessage.IIOPubMessage): void {
    const folding = this._current();
    if (!isOf(message, this.options.run)) {
      folding?.update(message);
      return;
    }
    const { msg_id, date } = message.header;
    if (KernelMessage.isExecuteInputMsg(message)) {
      this._count = message.content.execution_count;
    }
    // In a flood the record is far ahead of what this page hears.
    if (!this._known.has(msg_id) && !(date < this._oldest)) {
      folding?.take(message);
    }
    if (
      KernelMessage.isStatusMsg(message) &&
      message.content.execution_state === 'idle'
    ) {
      this._tellEnd();
      void this.finish();
    }
  }

  /** The record takes a moment to have all of it; until then the prompt is right. */
  private _tellEnd(): void {
    if (this._cell && this._current()) {
      this._cell.executionCount = this._count;
      this._cell.executionState = 'idle';
    }
  }

  /** The folding of what the cell shows now; null while the notebook doesn't have it. */
  private _current(): Folding | null {
    if (this._cell?.isDisposed) {
      this._cell = this.options.cell();
      if (this._cell) {
        this._folding?.goTo(this._cell.outputs);
        putRunning(this._cell);
      }
    }
    return this._cell ? this._folding : null;
  }

  private _cell: IRestorable | null = null;
  private _count: number | null = null;
  private _folding: Folding | null = null;
  private _isDisposed = false;
  private _isEnding = false;
  /** The number of the last question that was told of. */
  private _lastAsked = -1;
  /** What the record had told already. */
  private _known: ReadonlySet<string> = new Set();
  /** When the oldest of these was sent, as its kernel wrote it. */
  private _oldest = '';
  private readonly _pause: Pause;
  /** Messages that came since the record was asked; null when they are shown at once. */
  private _waiting: KernelMessage.IIOPubMessage[] | null = null;
}

function isOf({ parent_header }: KernelMessage.IIOPubMessage, { msg_id }: IRun): boolean {
  return 'msg_id' in parent_header && parent_header.msg_id === msg_id;
}
