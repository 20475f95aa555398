/** Whether the record has more of a cell than a page shows. */
import { isGoingOn, shownCount, type IRun } from './contract';

/** What a page shows of a code cell. */
export interface IShown {
  executionCount: number | null;
  /** How many outputs. */
  outputs: number;
  /** When what it shows began to run, in milliseconds, where the notebook tells. */
  startedAt: number | null;
  /** This page waits for the end of a run. */
  isRunning: boolean;
}

/**
 * - `same`: nothing to restore, as far as figures tell
 * - `alike`: the figures are the same; what is in the outputs may differ
 * - `running`: it goes on, on this page's kernel, and the page doesn't show it
 * - `awaited`: it is over, and the page still waits for its end
 * - `newer`: the record's run came after what the page shows, or has more of it
 * - `perhaps`: so it seems, but the page may show a later run that wasn't recorded, or more of it
 */
export type Verdict = 'same' | 'alike' | 'running' | 'awaited' | 'newer' | 'perhaps';

/** Milliseconds between what the server and a kernel say of the same moment. */
const SLACK = 1_000;

/** Compare what a page with this kernel shows of a cell with the newest recorded run of it. */
export function compare(shown: IShown, run: IRun, kernelId: string | null): Verdict {
  if (isGoingOn(run)) {
    const isHere = run.current_kernel && run.kernel_id === kernelId;
    return isHere && !shown.isRunning ? 'running' : 'same';
  }
  if (shown.isRunning) {
    return 'awaited';
  }
  if (isNothing(run) || isLater(shown, run)) {
    return 'same';
  }
  if (hasSameFigures(shown, run)) {
    return run.outputs === 0 ? 'same' : 'alike';
  }
  if (isShorter(shown, run)) {
    return 'perhaps';
  }
  return isSure(shown, run) ? 'newer' : 'perhaps';
}

/** Say of outputs that differ, with figures that don't, which are newer. */
export function judge(shown: IShown, run: IRun): Verdict {
  if (isShorter(shown, run)) {
    return 'same';
  }
  return isSure(shown, run) ? 'newer' : 'perhaps';
}

/** Tell whether the page may have the middle of what the record has cut. */
export function isShorter(shown: Pick<IShown, 'outputs'>, run: IRun): boolean {
  return run.truncated && shown.outputs > 0;
}

/** A run that never began, or that told nothing before it was lost. */
function isNothing(run: IRun): boolean {
  return run.outputs === 0 && shownCount(run) === null;
}

function isLater(shown: IShown, run: IRun): boolean {
  const began = run.started_at === null ? null : Date.parse(run.started_at);
  if (shown.startedAt !== null && began !== null) {
    return shown.startedAt > began + SLACK;
  }
  const { executionCount } = shown;
  const count = run.execution_count;
  return (
    run.current_kernel &&
    executionCount !== null &&
    count !== null &&
    executionCount > count
  );
}

function hasSameFigures(shown: IShown, run: IRun): boolean {
  const hasSameOutputs = run.outputs === null || shown.outputs === run.outputs;
  return hasSameOutputs && shown.executionCount === shownCount(run);
}

/** Numbers of another kernel don't tell which run came first. */
function isSure(shown: IShown, run: IRun): boolean {
  return shown.executionCount === null || shown.startedAt !== null || run.current_kernel;
}
