/** Brings recorded outputs back into notebooks; wiring only. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type Notebook } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../plugins';
import { RunsApi } from './api';
import { Declined } from './declined';
import { EarlierRuns } from './earlier';
import { Restorers } from './notebooks';
import type { Mode } from './restorer';

/** Where the schema of the settings is. */
const SETTINGS = 'jupyter-session-export:plugin';

const RESTORE_OUTPUTS = 'restoreOutputs';

export const CommandIDs = {
  restore: 'session-export:restore-outputs',
  undo: 'session-export:undo-restore',
  earlierRuns: 'session-export:earlier-runs',
  deletedCells: 'session-export:deleted-cells'
} as const;

export const restorePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-session-export:restore',
  description: 'Restores outputs that were recorded while a notebook was not open.',
  autoStart: true,
  requires: [INotebookTracker, ISettingRegistry],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { serverSettings } = app.serviceManager;
    const api = new RunsApi(serverSettings);
    let settings: ISettingRegistry.ISettings | null = null;
    const restorers = new Restorers({
      api,
      declined: new Declined(
        () => window.localStorage,
        `jupyter-session-export:declined:${serverSettings.baseUrl}`
      ),
      mode: () => (settings?.get(RESTORE_OUTPUTS).composite ?? 'ask') as Mode,
      never: () => void settings?.set(RESTORE_OUTPUTS, 'never'),
      notifier: Notification.manager,
      trans
    });
    const begin = () => {
      tracker.forEach(panel => {
        restorers.add(panel);
      });
      tracker.widgetAdded.connect((_, panel) => {
        restorers.add(panel);
      });
    };
    registry.load(SETTINGS).then(
      loaded => {
        settings = loaded;
        begin();
      },
      // JupyterLab tells of settings that it can't load; then nothing is done unasked.
      begin
    );
    const panelOf = (notebook: Notebook) =>
      tracker.find(({ content }) => content === notebook) ?? null;
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      restorers.cleared(panelOf(notebook), cell.model.id, false);
    });
    // JupyterLab 4.2 has no such signal.
    const { outputCleared } = NotebookActions as Partial<typeof NotebookActions>;
    outputCleared?.connect((_, { notebook, cell }) => {
      restorers.cleared(panelOf(notebook), cell.model.id, true);
    });

    const current = () => restorers.of(tracker.currentWidget);
    app.commands.addCommand(CommandIDs.restore, {
      label: trans.__('Restore Recorded Outputs'),
      caption: trans.__(
        'Compare this notebook with the record, and bring back what it lacks'
      ),
      isEnabled: () => current() !== null,
      execute: () => current()?.look(true),
      describedBy: { args: { type: 'object', properties: {} } }
    });
    app.commands.addCommand(CommandIDs.undo, {
      label: trans.__('Undo Restoring Outputs'),
      caption: trans.__(
        'Put back what the cells have shown before outputs were restored'
      ),
      isEnabled: () => current()?.canUndo ?? false,
      execute: () => {
        current()?.undo();
      },
      describedBy: { args: { type: 'object', properties: {} } }
    });
    const earlier = new EarlierRuns(api, panel => restorers.of(panel), trans);
    app.commands.addCommand(CommandIDs.earlierRuns, {
      label: trans.__('Earlier Runs…'),
      caption: trans.__(
        'The recorded runs of this cell: code, outputs, and bringing them back'
      ),
      isEnabled: () => tracker.activeCell?.model.type === 'code',
      execute: async () => {
        const { activeCell, currentWidget } = tracker;
        if (activeCell && currentWidget) {
          await earlier.ofCell(currentWidget, activeCell.model.id);
        }
      },
      describedBy: { args: { type: 'object', properties: {} } }
    });
    app.commands.addCommand(CommandIDs.deletedCells, {
      label: trans.__('Deleted Cells…'),
      caption: trans.__('Cells that ran and that this notebook no longer has'),
      isEnabled: () => tracker.currentWidget !== null,
      execute: async () => {
        const { currentWidget } = tracker;
        if (currentWidget) {
          await earlier.deletedCells(currentWidget);
        }
      },
      describedBy: { args: { type: 'object', properties: {} } }
    });
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('Session') });
    }
  }
};
