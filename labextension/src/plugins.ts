/** What JupyterLab and Notebook 7 start; wiring only. */
import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  IToolbarWidgetRegistry,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import { SessionExportApi } from './api';
import { claimClientId } from './client';
import { addCommands, CommandIDs } from './commands';
import { startDownload } from './download';
import { ExportModel } from './export';
import { RecordingIndicator } from './indicator';
import { saveNotebooks } from './notebooks';
import { ExportNotice } from './notice';
import { RecordingModel } from './recording';

const DOMAIN = 'jupyter_session_export';

/** Name of the indicator in the schema of the toolbar. */
const INDICATOR = 'session-recording';

export const IRecordingModel = new Token<RecordingModel>(
  'jupyter-session-export:IRecordingModel',
  'Whether this session is recorded, and a way to pause that.'
);

export const recordingPlugin: JupyterFrontEndPlugin<RecordingModel> = {
  id: 'jupyter-session-export:recording',
  description: 'Knows whether this session is recorded.',
  autoStart: true,
  provides: IRecordingModel,
  activate: (app: JupyterFrontEnd) =>
    new RecordingModel(new SessionExportApi(app.serviceManager.serverSettings))
};

export const downloadPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-session-export:plugin',
  description: 'Downloads all that ran in this session as one ZIP.',
  autoStart: true,
  requires: [INotebookTracker, IRecordingModel],
  optional: [ICommandPalette, ILauncher, ILabShell, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    recording: RecordingModel,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    labShell: ILabShell | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const clientId = claimClientId(
      window.sessionStorage,
      // Undefined outside of secure contexts, whatever its type says.
      (navigator as Partial<Navigator>).locks
    );
    const exporting = new ExportModel({
      api: new SessionExportApi(app.serviceManager.serverSettings),
      save: () => saveNotebooks(tracker),
      clientId: () => clientId,
      deliver: startDownload
    });
    new ExportNotice({
      model: exporting,
      notifier: Notification.manager,
      showDetails: (title, body) =>
        void showDialog({ title, body, buttons: [Dialog.okButton()] }),
      trans
    });
    addCommands(app.commands, exporting, recording, trans);
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('Session') });
    }
    if (labShell) {
      launcher?.add({
        command: CommandIDs.download,
        args: { isLauncher: true },
        category: trans.__('Other')
      });
    }
  }
};

export const indicatorPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-session-export:indicator',
  description: 'Shows on each notebook whether its session is recorded.',
  autoStart: true,
  requires: [IRecordingModel, IToolbarWidgetRegistry],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    recording: RecordingModel,
    toolbars: IToolbarWidgetRegistry,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    toolbars.addFactory<NotebookPanel>(
      'Notebook',
      INDICATOR,
      panel => new RecordingIndicator(recording, panel.sessionContext, trans)
    );
  }
};
