import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IExportRequest } from './api';
import type { ExportModel } from './export';
import { downloadSessionIcon } from './icons';
import type { RecordingModel } from './recording';

export const CommandIDs = {
  download: 'session-export:download',
  toggleRecording: 'session-export:toggle-recording',
  toggleNotebook: 'session-export:toggle-notebook-recording'
} as const;

/** The argument `place` of a toolbar button that only Notebook 7's page of files has. */
const FILE_PAGE = 'file-page';

/**
 * Add what a person can ask for; each command says by itself when it can be run.
 *
 * `isFilePage` tells whether this is the page of files of Notebook 7, `notebook` the path of
 * the one that a person is at.
 */
export function addCommands(
  commands: CommandRegistry,
  exporting: ExportModel,
  recording: RecordingModel,
  trans: TranslationBundle,
  isFilePage = false,
  notebook: () => string | null = () => null
): void {
  commands.addCommand(CommandIDs.download, {
    label: trans.__('Download Session'),
    caption: trans.__(
      'Save the open notebooks and download all that ran in this session as one ZIP'
    ),
    icon: downloadSessionIcon,
    isEnabled: () => !exporting.running,
    // JupyterLab's file browser, which has the same toolbar, is narrow and has better places.
    isVisible: args => isFilePage || args['place'] !== FILE_PAGE,
    execute: async args => {
      const outcome = exporting.start(requested(args));
      // A launcher stays blocked until its command has returned.
      if (args['isLauncher'] !== true) {
        await outcome;
      }
    },
    describedBy: {
      args: {
        type: 'object',
        properties: {
          place: {
            type: 'string',
            enum: [FILE_PAGE],
            description: trans.__('Show it on the page of files of Notebook 7 only')
          },
          isLauncher: {
            type: 'boolean',
            description: trans.__('Return at once instead of when the download begins')
          },
          session_id: {
            type: 'string',
            description: trans.__('Which session; the current one if none is named')
          },
          include: {
            type: 'array',
            items: { type: 'string' },
            description: trans.__('Which sections the ZIP has')
          },
          compression: { type: 'string', enum: ['maximum', 'fast'] }
        }
      }
    }
  });

  commands.addCommand(CommandIDs.toggleRecording, {
    label: () =>
      recording.state === 'on'
        ? trans.__('Pause Recording This Session')
        : trans.__('Record This Session'),
    caption: trans.__('Pause or resume the recording of all that runs in this session'),
    isEnabled: () => !recording.busy && recording.isChangeable,
    execute: () => recording.toggle(),
    describedBy: { args: { type: 'object', properties: {} } }
  });

  commands.addCommand(CommandIDs.toggleNotebook, {
    label: () =>
      recording.isOff(notebook() ?? '')
        ? trans.__('Record This Notebook')
        : trans.__('Do Not Record This Notebook'),
    caption: trans.__('Leave out what this notebook runs, or record it again'),
    isEnabled: () => {
      const path = notebook();
      return (
        path !== null &&
        !recording.busy &&
        recording.state === 'on' &&
        !recording.isOffBySettings(path)
      );
    },
    execute: async () => {
      const path = notebook();
      if (path !== null) {
        await recording.toggleNotebook(path);
      }
    },
    describedBy: { args: { type: 'object', properties: {} } }
  });

  exporting.changed.connect(() => {
    commands.notifyCommandChanged(CommandIDs.download);
  });
  recording.changed.connect(() => {
    commands.notifyCommandChanged(CommandIDs.toggleRecording);
    commands.notifyCommandChanged(CommandIDs.toggleNotebook);
  });
}

/** What a command's arguments ask for; those that make no sense are left to the defaults. */
function requested(args: ReadonlyPartialJSONObject): IExportRequest {
  const { session_id, include, compression } = args;
  const request: IExportRequest = { scope: 'session' };
  if (typeof session_id === 'string') {
    request.session_id = session_id;
  }
  if (Array.isArray(include)) {
    request.include = include.filter(name => typeof name === 'string');
  }
  if (compression === 'maximum' || compression === 'fast') {
    request.compression = compression;
  }
  return request;
}
