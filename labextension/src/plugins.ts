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
import { Widget } from '@lumino/widgets';

import { SessionExportApi } from './api';
import { claimClientId, claimedOnce } from './client';
import { addCommands, CommandIDs } from './commands';
import { startDownload } from './download';
import { ExportModel } from './export';
import { RecordingIndicator } from './indicator';
import { saveNotebooks } from './notebooks';
import { ExportNotice } from './notice';
import { RecordingModel } from './recording';

export const DOMAIN = 'jupyter_session_export';

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
    const exporting = new ExportModel({
      api: new SessionExportApi(app.serviceManager.serverSettings),
      save: () => saveNotebooks(tracker),
      // Locks are undefined outside of secure contexts, whatever their type says.
      clientId: claimedOnce(() =>
        claimClientId(window.sessionStorage, (navigator as Partial<Navigator>).locks)
      ),
      deliver: startDownload
    });
    new ExportNotice({
      model: exporting,
      notifier: Notification.manager,
      isSeen: isNotificationSeen,
      showDetails: (title, text) =>
        void showDialog({ title, body: detailsBody(text), buttons: [Dialog.okButton()] }),
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

/** Tell whether a notification is on the screen, by itself or in the list of all. */
function isNotificationSeen(id: string): boolean {
  return (
    document.getElementById(id) !== null ||
    document.querySelector('.jp-Notification-Center') !== null
  );
}

/** A text of several lines, for a dialog. */
function detailsBody(text: string): Widget {
  const body = new Widget();
  body.addClass('jp-SessionExport-details');
  body.node.textContent = text;
  return body;
}

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
