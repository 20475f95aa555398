/** Compares one open notebook with its record. */
import { isShorter } from './comparing';
import { runKey, type IRun } from './contract';
import type { Declined } from './declined';
import type { IOpenNotebook } from './notebook';
import type { Pause } from './pause';
import type { NotebookRecord } from './record';
import { survey, type ISurvey } from './survey';

/** Milliseconds that a page may still wait for the end of a run that is over. */
const PATIENCE = 3_000;

export interface IComparisonOptions {
  declined: Declined;
  notebook: IOpenNotebook;
  pause: Pause;
  record: NotebookRecord;
}

export class Comparison {
  constructor(private readonly options: IComparisonOptions) {}

  /** Compare; who asks for it gets all, also what was declined. */
  async now(isAsked: boolean): Promise<ISurvey> {
    const { declined, notebook, record } = this.options;
    const runs = await record.runs();
    return survey(runs, {
      cells: notebook.cells(),
      kernelId: notebook.kernel?.id ?? null,
      declined: isAsked ? new Set() : declined.all(),
      outputs: run => record.outputs(run)
    });
  }

  /** Compare; look twice at what the page still waits for. */
  async patiently(isAsked: boolean): Promise<ISurvey> {
    const first = await this.now(isAsked);
    if (first.awaited.length === 0) {
      return first;
    }
    await this.options.pause(PATIENCE);
    const second = await this.now(isAsked);
    const known = new Set(first.awaited.map(runKey));
    const stuck = second.awaited.filter(run => known.has(runKey(run)));
    return {
      ...second,
      sure: [...second.sure, ...stuck.filter(run => !this._isShorter(run))],
      unsure: [...second.unsure, ...stuck.filter(run => this._isShorter(run))]
    };
  }

  private _isShorter(run: IRun): boolean {
    const cell = this.options.notebook.cells().get(run.cell_id);
    const outputs = cell && !cell.isDisposed ? cell.outputs.length : 0;
    return isShorter({ outputs }, run);
  }
}
