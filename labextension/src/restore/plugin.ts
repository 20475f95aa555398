/** Brings recorded outputs back into notebooks; wiring only. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type Notebook } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../plugins';
import { isNotificationSeen } from '../toast';
import { RunsApi } from './api';
import { addRestoreCommands, CommandIDs } from './commands';
import { Declined } from './declined';
import { EarlierRuns } from './earlier';
import { Restorers } from './notebooks';
import type { Mode } from './offers';

/** Where the schema of the settings is. */
const SETTINGS = 'jupyter-session-export:plugin';

const RESTORE_OUTPUTS = 'restoreOutputs';

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
      isSeen: isNotificationSeen,
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

    addRestoreCommands(app.commands, {
      tracker,
      restorers,
      earlier: new EarlierRuns(
        api,
        panel => restorers.of(panel),
        Notification.manager,
        trans
      ),
      trans
    });
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('Session') });
    }
  }
};
