/** Stand-ins for the record and a kernel; cells are JupyterLab's own models. */
import { createStandaloneCell, type ISharedCodeCell } from '@jupyter/ydoc';
import { CodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import type { IRunsApi } from '../../src/restore/api';
import type { IRestorable } from '../../src/restore/cell';
import type {
  IDeletedCell,
  IPosition,
  IRun,
  IRunOutputs,
  IRunsPage,
  ISourcedRun
} from '../../src/restore/contract';
import { outputsDigest, textDigest } from '../../src/restore/digest';
import type { IHeard } from '../../src/restore/live';
import type { IOpenNotebook } from '../../src/restore/notebook';

export const STARTED = '2026-11-21T10:00:00Z';

export function run(changes: Partial<IRun> = {}): IRun {
  return {
    session_id: 's1',
    number: 1,
    kernel_id: 'k1',
    msg_id: 'm1',
    cell_id: 'a',
    execution_count: 3,
    status: 'ok',
    started_at: STARTED,
    finished_at: '2026-11-21T10:00:05Z',
    duration_ms: 5_000,
    source_sha256: '',
    outputs: 1,
    bytes: 10,
    outputs_digest: 'unknown',
    truncated: false,
    current_kernel: true,
    ...changes
  };
}

export const stream = (text: string, name = 'stdout'): IOutput => ({
  output_type: 'stream',
  name,
  text
});

export const display = (text: string): IOutput => ({
  output_type: 'display_data',
  data: { 'text/plain': text },
  metadata: {}
});

/** As the server sends it. */
export const position = (changes: Partial<IPosition> = {}): IPosition => ({
  messages: [],
  oldest_date: null,
  cursor: null,
  clear_pending: false,
  ...changes
});

export function recorded(
  changes: Partial<IRun>,
  outputs: IOutput[],
  rest: Partial<IRunOutputs> = {}
): IRunOutputs {
  return {
    run: run({ outputs: outputs.length, ...changes }),
    outputs,
    metadata: { execution: { 'iopub.execute_input': STARTED } },
    position: position(),
    ...rest
  };
}

export function cell(id: string, source: string, outputs: IOutput[] = []): CodeCellModel {
  const shared = createStandaloneCell({ cell_type: 'code', id, source, outputs });
  return new CodeCellModel({ sharedModel: shared as ISharedCodeCell });
}

let made = 0;

/** A message that a kernel publishes for the run `parent`. */
export function message(
  msg_type: string,
  content: object,
  parent = 'm1'
): KernelMessage.IIOPubMessage {
  made += 1;
  return {
    channel: 'iopub',
    header: {
      msg_id: `i${made}`,
      msg_type,
      date: new Date(Date.parse(STARTED) + made).toISOString(),
      session: 'k',
      username: 'k',
      version: '5.3'
    },
    parent_header: { msg_id: parent, msg_type: 'execute_request' },
    content,
    metadata: {}
  } as unknown as KernelMessage.IIOPubMessage;
}

export const printed = (text: string, parent = 'm1') =>
  message('stream', { name: 'stdout', text }, parent);

export const idle = (parent = 'm1') =>
  message('status', { execution_state: 'idle' }, parent);

export class FakeKernel implements IHeard {
  readonly id = 'k1';
  connectionStatus: Kernel.ConnectionStatus = 'connected';
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  readonly iopubMessage = new Signal<this, KernelMessage.IIOPubMessage>(this);

  say(...messages: KernelMessage.IIOPubMessage[]): void {
    messages.forEach(each => {
      this.iopubMessage.emit(each);
    });
  }

  connect(): void {
    this.connectionStatus = 'connected';
    this.connectionStatusChanged.emit('connected');
  }
}

export class FakeNotebook implements IOpenNotebook {
  readonly path = 'a.ipynb';
  readonly kernel = new FakeKernel();
  keepsTiming = false;
  readonly letGone: string[] = [];
  readonly all: IRestorable[] = [];

  cells(): ReadonlyMap<string, IRestorable> {
    return new Map(this.all.map(each => [each.id, each]));
  }

  letGo(cellId: string): void {
    this.letGone.push(cellId);
  }
}

/** A record that is asked as the server is. */
export class FakeRecord implements IRunsApi {
  error: Error | null = null;
  readonly asked: string[] = [];
  readonly kept = new Map<string, IRunOutputs>();
  /** Why the outputs of some runs aren't sent. */
  readonly refusals = new Map<number | null, Error>();
  history: ISourcedRun[] = [];
  gone: IDeletedCell[] = [];

  /** Keep a run of this cell's code. */
  async keep(of: IRestorable, found: IRunOutputs): Promise<IRun> {
    const goesOn = found.run.status === 'running';
    found.run = {
      ...found.run,
      cell_id: of.id,
      source_sha256: await textDigest(of.sharedModel.getSource()),
      outputs_digest: goesOn ? null : await outputsDigest(found.outputs)
    };
    this.kept.set(of.id, found);
    return found.run;
  }

  async cells(path: string): Promise<IRun[]> {
    await this._answer(path);
    return [...this.kept.values()].map(({ run }) => run);
  }

  async outputs({ number }: Pick<IRun, 'number'>): Promise<IRunOutputs> {
    await this._answer(String(number));
    const refusal = this.refusals.get(number);
    if (refusal) {
      throw refusal;
    }
    const found = [...this.kept.values()].find(each => each.run.number === number);
    return found ?? Promise.reject(new Error('no such run'));
  }

  /** One run a page. */
  async runs(_path: string, cellId: string, before = '0'): Promise<IRunsPage> {
    await this._answer(cellId);
    const place = Number(before);
    const isLast = place + 1 >= this.history.length;
    return {
      runs: this.history.slice(place, place + 1),
      next: isLast ? null : String(place + 1)
    };
  }

  async deleted(path: string): Promise<IDeletedCell[]> {
    await this._answer(path);
    return this.gone;
  }

  private async _answer(what: string): Promise<void> {
    this.asked.push(what);
    await Promise.resolve();
    if (this.error) {
      throw this.error;
    }
  }
}
