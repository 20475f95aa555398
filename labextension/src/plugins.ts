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
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { SessionExportApi } from './api';
import { arrivedOnce, claimClientId, type ILocks } from './client';
import { addCommands, CommandIDs } from './commands';
import { Delivery } from './delivery';
import { startDownload } from './download';
import { ExportModel } from './export';
import { RecordingIndicator } from './indicator';
import { LedgerView } from './ledger';
import { saveNotebooks, unsavedNotebooks } from './notebooks';
import { ExportNotice } from './notice';
import { RecordingModel } from './recording';
import { Tabs } from './tabs';
import { isNotificationSeen } from './toast';
import { lookBack, UnfinishedExports } from './unfinished';

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

export const IExportModel = new Token<ExportModel>(
  'jupyter-session-export:IExportModel',
  'Begins an export and downloads its ZIP, one at a time; a notification tells of it.'
);

export const downloadPlugin: JupyterFrontEndPlugin<ExportModel> = {
  id: 'jupyter-session-export:plugin',
  description: 'Downloads all that ran in this session as one ZIP.',
  autoStart: true,
  provides: IExportModel,
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
    const { serverSettings } = app.serviceManager;
    const { baseUrl } = serverSettings;
    const api = new SessionExportApi(serverSettings);
    const delivery = new Delivery({ api, hand: startDownload });
    const clientId = arrivedOnce(
      () => claimClientId(window.sessionStorage, locks()),
      id => api.raiseEpoch(id)
    );
    const tabs = new Tabs({
      // Several servers may share one origin.
      channel: new BroadcastChannel(`jupyter-session-export:${baseUrl}`),
      unsaved: () => unsavedNotebooks(tracker),
      save: () => saveNotebooks(tracker)
    });
    const exporting = new ExportModel({
      api,
      save: () => tabs.saveAll(),
      clientId,
      deliver: job => void delivery.begin(job)
    });
    const notice = new ExportNotice({
      model: exporting,
      delivery,
      notifier: Notification.manager,
      isSeen: isNotificationSeen,
      showDetails: (title, text) =>
        void showDialog({ title, body: detailsBody(text), buttons: [Dialog.okButton()] }),
      showLeftOut: ({ id }) => {
        const body = new LedgerView(api, trans);
        void body.load(id);
        const title = trans.__('Left out of the ZIP');
        void showDialog({ title, body, buttons: [Dialog.okButton()] });
      },
      trans
    });
    const unfinished = new UnfinishedExports(() => window.sessionStorage);
    unfinished.watch(exporting, delivery);
    const before = lookBack(api, clientId, unfinished);
    // The next export tells the server of this page anew, and says what goes wrong.
    const found = before.catch(() => ({ ended: [], goingOn: [] }));
    void Promise.all([found, app.restored]).then(([{ ended, goingOn }]) => {
      if (goingOn[0]) {
        void exporting.resume(goingOn[0]);
      } else if (ended[0] && !exporting.running) {
        notice.tellEnded(ended[0]);
      }
    });
    const isFilePage = PageConfig.getOption('notebookPage') === 'tree';
    addCommands(
      app.commands,
      exporting,
      recording,
      trans,
      isFilePage,
      () => tracker.currentWidget?.context.localPath ?? null
    );
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
    return exporting;
  }
};

/** The browser's locks: undefined outside of secure contexts, whatever their type says. */
function locks(): ILocks | undefined {
  return (navigator as Partial<Navigator>).locks;
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
      panel =>
        new RecordingIndicator(
          recording,
          panel.sessionContext,
          trans,
          () => panel.context.localPath
        )
    );
  }
};
