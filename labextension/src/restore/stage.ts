/** What restoring shows in one notebook's cells: runs that are over, and runs that go on. */
import type { IDisposable } from '@lumino/disposable';

import { SessionExportError } from '../errors';
import { contentAfter, put, type IRestorable } from './cell';
import { Changes, shownText } from './changes';
import type { IQuestion, IRun, IRunOutputs } from './contract';
import { canonical } from './digest';
import { DisplayWatch } from './displays';
import { LiveRun, type IHeard } from './live';
import type { IOpenNotebook } from './notebook';
import type { Pause } from './pause';
import type { NotebookRecord } from './record';

/** Who tells of questions that runs wait for. */
export interface IAsks {
  tell(cellId: string, question: IQuestion): void;
  over(cellId: string): void;
}

export interface IStageOptions {
  asks: IAsks;
  notebook: IOpenNotebook;
  record: NotebookRecord;
  pause: Pause;
  /** A run that goes on can't be shown to its end. */
  failed: (error: SessionExportError) => void;
}

export class Stage implements IDisposable {
  constructor(private readonly options: IStageOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get canUndo(): boolean {
    return this._changes.size > 0;
  }

  cell(id: string): IRestorable | null {
    const cell = this.options.notebook.cells().get(id);
    return cell && !cell.isDisposed ? cell : null;
  }

  /** Show a run that is over in place of what a cell shows or waits for. */
  replace(cell: IRestorable, found: IRunOutputs): void {
    this._changes.note(found.run, cell);
    this.stop(cell.id);
    this.options.notebook.letGo(cell.id);
    this._show(cell.id, found);
  }

  /** Show a run that goes on, from where the record is and then as its kernel tells. */
  async follow(cell: IRestorable, run: IRun, kernel: IHeard): Promise<void> {
    this._changes.note(run, cell);
    this.stop(cell.id);
    const { id } = cell;
    const live = new LiveRun({
      run,
      kernel,
      cell: () => this.cell(id),
      fetch: () => this.options.record.soFar(run),
      final: () => this.options.record.final(run),
      asked: question => {
        this.options.asks.tell(id, question);
      },
      ended: found => {
        this._live.delete(id);
        this._show(id, found);
      },
      failed: reason => {
        this._live.delete(id);
        this.options.asks.over(id);
        this._isOver(id);
        this.options.failed(SessionExportError.from(reason));
      },
      pause: this.options.pause
    });
    this._live.set(id, live);
    await live.begin();
  }

  /** Add nothing more to what a cell shows. */
  stop(cellId: string): void {
    this.options.asks.over(cellId);
    this._live.get(cellId)?.dispose();
    this._live.delete(cellId);
    this._displays.get(cellId)?.dispose();
    this._displays.delete(cellId);
  }

  /** Put back what cells have shown, where nothing has come since; return the runs that are gone. */
  undo(): IRun[] {
    const ours = this._changes.takeOurs(this.options.notebook.cells());
    for (const [cell, { before }] of ours) {
      this.stop(cell.id);
      put(cell, before);
    }
    return ours.map(([, { run }]) => run);
  }

  /** The kernel that ran it has gone: what goes on is over. */
  kernelGone(): void {
    this._live.forEach(live => void live.finish());
    this._displays.forEach(watch => {
      watch.dispose();
    });
    this._displays.clear();
  }

  dispose(): void {
    this._isDisposed = true;
    [...this._live.keys(), ...this._displays.keys()].forEach(id => {
      this.stop(id);
    });
    this._changes.clear();
  }

  /** Show a run that is over, as a tab that stayed open would. */
  private _show(id: string, found: IRunOutputs): void {
    const { kernel, keepsTiming } = this.options.notebook;
    this.options.asks.over(id);
    const cell = this.cell(id);
    if (!cell || this._isDisposed) {
      return;
    }
    const content = contentAfter(found, keepsTiming);
    // Outputs that are right are not drawn again.
    put(cell, content, canonical(content.outputs) !== shownText(cell));
    this._changes.done(cell);
    if (kernel && found.run.current_kernel && Object.keys(found.displays ?? {}).length) {
      this._displays.get(id)?.dispose();
      const watch = new DisplayWatch(kernel, () => this.cell(id), found.displays);
      this._displays.set(id, watch);
    }
  }

  private _isOver(id: string): void {
    const cell = this.cell(id);
    if (cell) {
      cell.executionState = 'idle';
    }
  }

  private readonly _changes = new Changes(id => this._live.has(id));
  private readonly _displays = new Map<string, DisplayWatch>();
  private _isDisposed = false;
  private readonly _live = new Map<string, LiveRun>();
}
