/** Puts the sidebar "Sessions" into JupyterLab and Notebook 7; wiring only. */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../commands';
import { sessionsIcon } from '../icons';
import { DOMAIN, IRecordingModel } from '../plugins';
import type { RecordingModel } from '../recording';
import { SidebarApi } from './api';
import { Dialogs } from './dialogs';
import { SessionsPanel, type IExporter } from './panel';

/** After JupyterLab's own panels. */
const RANK = 600;

export const SHOW_SESSIONS = 'session-export:show-sessions';

export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-session-export:sidebar',
  description: 'Shows all sessions: what they hold, their exports, and what can be done.',
  autoStart: true,
  requires: [IRecordingModel],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    recording: RecordingModel,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const panel = new SessionsPanel({
      api: new SidebarApi(app.serviceManager.serverSettings),
      ask: new Dialogs(trans),
      exporter: exporterOf(app.commands),
      recording,
      trans
    });
    app.shell.add(panel, 'left', { rank: RANK, type: 'Sessions' });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(SHOW_SESSIONS, {
      label: trans.__('Show Sessions'),
      caption: trans.__('All sessions, their exports, and what can be done with them'),
      icon: sessionsIcon,
      execute: () => {
        app.shell.activateById(panel.id);
      },
      describedBy: { args: { type: 'object', properties: {} } }
    });
    palette?.addItem({ command: SHOW_SESSIONS, category: trans.__('Session') });
  }
};

/** The command "Download Session" saves, follows and tells by itself. */
function exporterOf(commands: CommandRegistry): IExporter {
  return {
    get isEnabled() {
      return (
        commands.hasCommand(CommandIDs.download) &&
        commands.isEnabled(CommandIDs.download)
      );
    },
    changed: commands.commandChanged,
    start: request => {
      void commands.execute(CommandIDs.download, request);
    }
  };
}
