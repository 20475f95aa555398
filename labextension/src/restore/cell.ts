/** One code cell of an open notebook: what it shows, and showing something else in it. */
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { IShown } from './comparing';
import { shownCount, type IRunOutputs } from './contract';

/** What a cell shows, to be put back. */
export interface IContent {
  outputs: IOutput[];
  executionCount: number | null;
  /** JupyterLab's timing; undefined where a notebook doesn't keep it. */
  timing: PartialJSONObject | undefined;
  trusted: boolean;
}

/** The part of a cell's model that restoring needs. */
export type IRestorable = Pick<
  ICodeCellModel,
  | 'deleteMetadata'
  | 'executionCount'
  | 'executionState'
  | 'getMetadata'
  | 'id'
  | 'isDisposed'
  | 'outputs'
  | 'setMetadata'
  | 'sharedModel'
  | 'trusted'
>;

/** JupyterLab's names of when a kernel said that it begins. */
const BEGINS = ['iopub.execute_input', 'iopub.status.busy'];

export function shownBy(cell: IRestorable): IShown {
  return {
    executionCount: cell.executionCount,
    outputs: cell.outputs.length,
    startedAt: startOf(timingOf(cell)),
    isRunning: cell.executionState === 'running'
  };
}

export function contentOf(cell: IRestorable): IContent {
  return {
    outputs: cell.outputs.toJSON(),
    executionCount: cell.executionCount,
    timing: timingOf(cell),
    trusted: cell.trusted
  };
}

/** What a tab that stayed open would show of a run that is over. */
export function contentAfter(
  { run, outputs, metadata }: IRunOutputs,
  keepsTiming: boolean
): IContent {
  return {
    outputs,
    executionCount: shownCount(run),
    timing: keepsTiming ? metadata.execution : undefined,
    // It was executed in this server, by whom it belongs to.
    trusted: true
  };
}

/** Show this content instead; its outputs may be those that are shown already. */
export function put(cell: IRestorable, content: IContent, isNew = true): void {
  if (isNew) {
    cell.outputs.clear();
  }
  // Before there are outputs: JupyterLab makes each of them anew, in seconds for 10,000.
  cell.trusted = content.trusted;
  if (isNew) {
    putAll(cell, content.outputs);
  }
  cell.executionCount = content.executionCount;
  cell.executionState = 'idle';
  setTiming(cell, content.timing);
}

/** Show what a run that goes on has put out so far, so that its next message fits. */
export function putBeginning(
  cell: IRestorable,
  { position, outputs }: IRunOutputs
): void {
  cell.outputs.clear();
  cell.trusted = true;
  putAll(cell, outputs.slice(0, -1));
  const last = outputs.at(-1);
  if (last) {
    // As from the kernel: JupyterLab then knows where a stream is to go on.
    cell.outputs.add(last);
  }
  if (position.cursor !== null && last?.output_type === 'stream') {
    cell.outputs.add({ ...last, text: backTo(position.cursor, last.text as string) });
  }
  if (position.clear_pending) {
    cell.outputs.clear(true);
  }
}

/** All at once: a change of the notebook for each of 10,000 outputs would take seconds. */
function putAll(cell: IRestorable, outputs: IOutput[]): void {
  cell.sharedModel.setOutputs(outputs);
}

/** What to print after a text so that the next character goes to this place in its last line. */
function backTo(cursor: number, text: string): string {
  return cursor < text.length
    ? `\r${text.slice(text.lastIndexOf('\n') + 1, cursor)}`
    : '';
}

/** Show that it waits for the end of a run. */
export function putRunning(cell: IRestorable): void {
  cell.executionCount = null;
  cell.executionState = 'running';
  setTiming(cell, undefined);
}

function timingOf(cell: IRestorable): PartialJSONObject | undefined {
  return cell.getMetadata('execution') as PartialJSONObject | undefined;
}

function setTiming(cell: IRestorable, timing: PartialJSONObject | undefined): void {
  if (timing === undefined) {
    cell.deleteMetadata('execution');
  } else {
    cell.setMetadata('execution', timing);
  }
}

function startOf(timing: PartialJSONObject | undefined): number | null {
  const began = BEGINS.map(name => timing?.[name]).find(time => typeof time === 'string');
  const time = typeof began === 'string' ? Date.parse(began) : NaN;
  return Number.isNaN(time) ? null : time;
}
