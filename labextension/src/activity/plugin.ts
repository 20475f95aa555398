/** Tells the server what people do in notebooks, where the setting says so; wiring only. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { SessionExportApi } from '../api';
import { ActivityReporter } from './reporter';
import { ActivitySwitch } from './switch';
import { NotebooksWatch } from './watch';

/** Where the schema of the settings is. */
const SETTINGS = 'jupyter-session-export:plugin';

export const activityPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-session-export:activity',
  description:
    'Records which cells are added, deleted, moved and changed; off by default.',
  autoStart: true,
  requires: [INotebookTracker, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry
  ) => {
    const api = new SessionExportApi(app.serviceManager.serverSettings);
    const activity = new ActivitySwitch(() => {
      const reporter = new ActivityReporter(batch => api.reportActivity(batch));
      const watch = new NotebooksWatch(tracker, event => {
        reporter.add(event);
      });
      return { reporter, watch };
    });
    window.addEventListener('pagehide', () => {
      activity.flush();
    });
    void registry.load(SETTINGS).then(
      settings => {
        activity.follow(settings);
      },
      // JupyterLab tells of settings that it can't load; without them it stays off.
      () => undefined
    );
  }
};
