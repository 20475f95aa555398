/** What a person can ask for about recorded runs. */
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { EarlierRuns } from './earlier';
import type { Restorers } from './notebooks';

export const CommandIDs = {
  restore: 'session-export:restore-outputs',
  undo: 'session-export:undo-restore',
  earlierRuns: 'session-export:earlier-runs',
  deletedCells: 'session-export:deleted-cells'
} as const;

export interface IRestoreCommandsOptions {
  tracker: Pick<INotebookTracker, 'activeCell' | 'currentWidget'>;
  restorers: Pick<Restorers, 'of'>;
  earlier: Pick<EarlierRuns, 'ofCell' | 'deletedCells'>;
  trans: TranslationBundle;
}

/** Add commands for the notebook and the cell that a person is at. */
export function addRestoreCommands(
  commands: CommandRegistry,
  { tracker, restorers, earlier, trans }: IRestoreCommandsOptions
): void {
  const describedBy = { args: { type: 'object', properties: {} } };
  const current = () => restorers.of(tracker.currentWidget);
  commands.addCommand(CommandIDs.restore, {
    label: trans.__('Restore Recorded Outputs'),
    caption: trans.__('Compare this notebook with the record, and offer what it lacks'),
    isEnabled: () => current() !== null,
    execute: () => current()?.look(true),
    describedBy
  });
  commands.addCommand(CommandIDs.undo, {
    label: trans.__('Undo Restoring Outputs'),
    caption: trans.__('Put back what the cells have shown before outputs were restored'),
    isEnabled: () => current()?.canUndo ?? false,
    execute: () => {
      current()?.undo();
    },
    describedBy
  });
  commands.addCommand(CommandIDs.earlierRuns, {
    label: trans.__('Earlier Runs…'),
    caption: trans.__('The recorded runs of this cell: look at them, bring them back'),
    isEnabled: () => tracker.activeCell?.model.type === 'code',
    execute: async () => {
      const { activeCell, currentWidget } = tracker;
      if (activeCell && currentWidget) {
        await earlier.ofCell(currentWidget, activeCell.model.id);
      }
    },
    describedBy
  });
  commands.addCommand(CommandIDs.deletedCells, {
    label: trans.__('Deleted Cells…'),
    caption: trans.__('Cells that ran and that this notebook no longer has'),
    isEnabled: () => tracker.currentWidget !== null,
    execute: async () => {
      const { currentWidget } = tracker;
      if (currentWidget) {
        await earlier.deletedCells(currentWidget);
      }
    },
    describedBy
  });
}
