/** What could be restored into a notebook: its cells compared with their newest runs. */
import { SessionExportError } from '../errors';
import { shownBy, type IRestorable } from './cell';
import { compare, judge, type Verdict } from './comparing';
import { runKey, type IRun, type IRunOutputs } from './contract';
import { canonical, outputsDigest, textDigest } from './digest';

/** The server doesn't send what this one run has put out: it is too large, or gone by now. */
const NOT_SHOWN = ['OUTPUT_TOO_LARGE', 'EXECUTION_NOT_FOUND'];

/** Milliseconds of comparing after which the page gets its turn. */
const TURN = 10;

/** What a notebook shows less of than the record has. */
export interface ISurvey {
  /** What can be restored without doubt. */
  sure: IRun[];
  /** What the page may have later runs of that weren't recorded. */
  unsure: IRun[];
  /** Of cells whose code isn't what ran. */
  changed: IRun[];
  /** The page waits for the end of runs that are over. */
  awaited: IRun[];
}

export interface ISurveyed {
  cells: ReadonlyMap<string, IRestorable>;
  kernelId: string | null;
  declined: ReadonlySet<string>;
  /** Get what a run has put out, where its description doesn't tell. */
  outputs: (run: IRun) => Promise<IRunOutputs>;
}

/** Compare the newest runs of cells with what their notebook shows. */
export async function survey(
  runs: readonly IRun[],
  notebook: ISurveyed
): Promise<ISurvey> {
  const found: ISurvey = { sure: [], unsure: [], changed: [], awaited: [] };
  let turn = Date.now();
  for (const run of runs) {
    const cell = notebook.cells.get(run.cell_id);
    if (cell && !cell.isDisposed && !notebook.declined.has(runKey(run))) {
      const verdict = await verdictOn(cell, run, notebook);
      (await placeOf(found, verdict, cell, run))?.push(run);
    }
    if (Date.now() - turn > TURN) {
      await nextTurn();
      turn = Date.now();
    }
  }
  return found;
}

/** Tell whether a cell's code is what ran. */
export async function isUnchanged(cell: IRestorable, run: IRun): Promise<boolean> {
  return (await textDigest(cell.sharedModel.getSource())) === run.source_sha256;
}

async function verdictOn(
  cell: IRestorable,
  run: IRun,
  notebook: ISurveyed
): Promise<Verdict> {
  const verdict = compare(shownBy(cell), run, notebook.kernelId);
  if (verdict !== 'alike') {
    return verdict;
  }
  return (await isSame(cell, run, notebook)) ? 'same' : judge(shownBy(cell), run);
}

async function isSame(
  cell: IRestorable,
  run: IRun,
  notebook: ISurveyed
): Promise<boolean> {
  const shown = cell.outputs.toJSON();
  if (run.outputs_digest !== null) {
    return run.outputs_digest === (await outputsDigest(shown));
  }
  try {
    return canonical((await notebook.outputs(run)).outputs) === canonical(shown);
  } catch (reason) {
    // It can't be restored either; that is no reason not to look at other cells.
    if (NOT_SHOWN.includes(SessionExportError.from(reason).code)) {
      return true;
    }
    throw reason;
  }
}

async function placeOf(
  found: ISurvey,
  verdict: Verdict,
  cell: IRestorable,
  run: IRun
): Promise<IRun[] | null> {
  if (verdict === 'same' || verdict === 'alike') {
    return null;
  }
  if (verdict === 'awaited') {
    return found.awaited;
  }
  if (!(await isUnchanged(cell, run))) {
    return found.changed;
  }
  return verdict === 'perhaps' ? found.unsure : found.sure;
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, 0);
  });
}
