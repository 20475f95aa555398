/** "Earlier Runs…" of a cell and "Deleted Cells…" of a notebook: looking, and bringing back. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { SessionExportError } from '../errors';
import type { INotifier } from '../toast';
import type { IRunsApi } from './api';
import { contentAfter, put } from './cell';
import type { IRunOutputs, ISourcedRun } from './contract';
import { History, type IPage } from './history';
import { HistoryView } from './historyView';
import type { Restorer } from './restorer';
import { notRestoredText } from './texts';

/** What was chosen in a dialog: a label for each. */
interface IChoices {
  code: string;
  outputs: string;
  insert: string;
  runs: string;
}

export class EarlierRuns {
  constructor(
    private readonly api: IRunsApi,
    private readonly restorerOf: (panel: NotebookPanel) => Restorer | null,
    private readonly notifier: Pick<INotifier, 'notify'>,
    private readonly trans: TranslationBundle
  ) {
    this._choices = {
      code: trans.__('Restore Code'),
      outputs: trans.__('Restore Outputs'),
      insert: trans.__('Insert as New Cell'),
      runs: trans.__('Earlier Runs…')
    };
  }

  /** Show the runs of a cell that the notebook has, or of one that it had. */
  async ofCell(panel: NotebookPanel, cellId: string): Promise<void> {
    const { trans } = this;
    const cell = codeCell(panel, cellId);
    const path = panel.context.localPath;
    let before: string | null | undefined;
    const history = this._history(async () => {
      const { runs, next } = await this.api.runs(path, cellId, before ?? undefined);
      before = next;
      return { entries: runs.map(run => ({ run })), hasMore: next !== null };
    });
    const { code, outputs, insert } = this._choices;
    const choicesFor = (current: ICodeCellModel | null) => {
      if (!current) {
        return [insert];
      }
      // What a cell puts out now isn't to be mixed with what it has put out before.
      return current.executionState === 'running'
        ? [insert, code]
        : [insert, code, outputs];
    };
    const chosen = await this._show(panel, history, {
      title: trans.__('Earlier runs of this cell'),
      empty: trans.__('No run of this cell was recorded.'),
      source: cell?.sharedModel.getSource() ?? null,
      choices: choicesFor(cell)
    });
    const run = history.selected?.run;
    if (run && chosen === code) {
      codeCell(panel, cellId)?.sharedModel.setSource(run.source);
    } else if (run && chosen) {
      await this._bringBack(panel, chosen === insert ? null : cellId, history, run);
    }
  }

  /** Show the cells that ran and that the notebook no longer has. */
  async deletedCells(panel: NotebookPanel): Promise<void> {
    const { trans } = this;
    const present = Array.from(panel.model?.cells ?? [], ({ id }) => id);
    const history = this._history(async () => {
      const cells = await this.api.deleted(panel.context.localPath, present);
      return {
        entries: cells.map(({ last, runs }) => ({ run: last, runs })),
        hasMore: false
      };
    });
    const { insert, runs } = this._choices;
    const chosen = await this._show(panel, history, {
      title: trans.__('Deleted cells of this notebook'),
      empty: trans.__('No cell that ran is missing in this notebook.'),
      source: null,
      choices: [runs, insert]
    });
    const run = history.selected?.run;
    if (run && chosen === runs) {
      await this.ofCell(panel, run.cell_id);
    } else if (run && chosen) {
      await this._bringBack(panel, null, history, run);
    }
  }

  private _history(more: () => Promise<IPage>): History {
    return new History({ more, outputs: run => this.api.outputs(run) });
  }

  /** Return the label that was chosen; null where nothing was. */
  private async _show(
    panel: NotebookPanel,
    history: History,
    asked: { title: string; empty: string; source: string | null; choices: string[] }
  ): Promise<string | null> {
    await history.more();
    const { trans } = this;
    const { title, empty, source, choices } = asked;
    const { rendermime } = panel.content;
    const hasRuns = history.entries.length > 0;
    const { button } = await showDialog({
      title,
      body: new HistoryView({ history, source, rendermime, empty, trans }),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Close') }),
        ...(hasRuns ? choices.map(label => Dialog.okButton({ label })) : [])
      ],
      defaultButton: 0,
      focusNodeSelector: '[aria-selected=true]'
    });
    return button.accept ? button.label : null;
  }

  /** Into a cell, or as a new one below the cell that a person is at. Tells what goes wrong. */
  private async _bringBack(
    panel: NotebookPanel,
    cellId: string | null,
    history: History,
    run: ISourcedRun
  ): Promise<void> {
    let found: IRunOutputs | null = null;
    try {
      found = history.found ?? (await this.api.outputs(run));
      if (cellId !== null) {
        await this._putInto(panel, cellId, found);
      }
    } catch (reason) {
      const text = notRestoredText(SessionExportError.from(reason), this.trans);
      this.notifier.notify(text, 'error', { autoClose: false });
    }
    if (cellId === null) {
      insertBelow(panel, run, found);
    }
  }

  private async _putInto(
    panel: NotebookPanel,
    cellId: string,
    found: IRunOutputs
  ): Promise<void> {
    const restorer = this.restorerOf(panel);
    const cell = codeCell(panel, cellId);
    if (restorer) {
      await restorer.show(cellId, found);
    } else if (cell) {
      put(cell, contentAfter(found, keepsTiming(panel)));
    }
  }

  private readonly _choices: IChoices;
}

/** A cell with the code of a run; with its outputs, too, where they are known. */
function insertBelow(
  panel: NotebookPanel,
  run: ISourcedRun,
  found: IRunOutputs | null
): void {
  const content = found && contentAfter(found, keepsTiming(panel));
  panel.model?.sharedModel.insertCell(panel.content.activeCellIndex + 1, {
    cell_type: 'code',
    source: run.source,
    metadata: { trusted: true },
    outputs: content?.outputs ?? [],
    execution_count: content?.executionCount ?? null
  });
  panel.content.activeCellIndex += 1;
}

function keepsTiming(panel: NotebookPanel): boolean {
  return panel.content.notebookConfig.recordTiming;
}

function codeCell(panel: NotebookPanel, cellId: string): ICodeCellModel | null {
  for (const cell of panel.model?.cells ?? []) {
    if (cell.id === cellId && cell.type === 'code') {
      return cell as ICodeCellModel;
    }
  }
  return null;
}
