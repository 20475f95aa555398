import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { beforeEach, expect, it } from 'vitest';

import { addCommands, CommandIDs } from '../src/commands';
import { ExportModel } from '../src/export';
import { RecordingModel } from '../src/recording';
import { deferred, FakeExportApi, FakeRecordingApi, ready } from './fakes';

let api: FakeExportApi;
let changed: (string | undefined)[];
let commands: CommandRegistry;
let exporting: ExportModel;
let recording: RecordingModel;
let recordingApi: FakeRecordingApi;
let saving: ReturnType<typeof deferred<string[]>>;

const trans = nullTranslator.load('jupyter_session_export');

beforeEach(() => {
  api = new FakeExportApi();
  api.onCreate = () => Promise.resolve(ready());
  changed = [];
  commands = new CommandRegistry();
  recordingApi = new FakeRecordingApi();
  recording = new RecordingModel(recordingApi);
  saving = deferred<string[]>();
  exporting = new ExportModel({
    api,
    save: () => saving.promise,
    clientId: () => Promise.resolve('c1'),
    deliver: () => undefined
  });
  addCommands(commands, exporting, recording, trans);
  commands.commandChanged.connect((_, { id }) => changed.push(id));
});

it('disables the download while an export runs', async () => {
  expect(commands.label(CommandIDs.download)).toBe('Download Session');
  expect(commands.isEnabled(CommandIDs.download)).toBe(true);
  const pending = commands.execute(CommandIDs.download);
  expect(commands.isEnabled(CommandIDs.download)).toBe(false);
  expect(changed).toContain(CommandIDs.download);
  saving.resolve([]);
  await pending;
  expect(commands.isEnabled(CommandIDs.download)).toBe(true);
});

it('is hidden in the file browser of JupyterLab only', () => {
  const args = { place: 'file-page' };
  expect(commands.isVisible(CommandIDs.download)).toBe(true);
  expect(commands.isVisible(CommandIDs.download, args)).toBe(false);
  const onFilePage = new CommandRegistry();
  addCommands(onFilePage, exporting, recording, trans, true);
  expect(onFilePage.isVisible(CommandIDs.download, args)).toBe(true);
});

it('asks the server once for two clicks in a row', async () => {
  const clicks = [
    commands.execute(CommandIDs.download),
    commands.execute(CommandIDs.download)
  ];
  saving.resolve([]);
  await Promise.all(clicks);
  expect(api.created).toHaveLength(1);
});

it('does not keep a launcher waiting', async () => {
  await commands.execute(CommandIDs.download, { isLauncher: true });
  expect(commands.isEnabled(CommandIDs.download)).toBe(false);
});

it('leaves out what the notebook runs that a person is at', async () => {
  const here = new CommandRegistry();
  addCommands(here, exporting, recording, trans, false, () => 'mine.ipynb');
  await recording.refresh();
  expect(commands.isEnabled(CommandIDs.toggleNotebook)).toBe(false);
  expect(here.label(CommandIDs.toggleNotebook)).toBe('Do Not Record This Notebook');
  await here.execute(CommandIDs.toggleNotebook);
  expect(here.label(CommandIDs.toggleNotebook)).toBe('Record This Notebook');
  expect(recordingApi.wanted).toEqual(['paused mine.ipynb']);
});

it('cannot record a notebook that the settings have off', async () => {
  const here = new CommandRegistry();
  addCommands(here, exporting, recording, trans, false, () => 'mine.ipynb');
  const off = { notebooks_off_by_settings: ['mine.ipynb'] };
  recordingApi.answer = { state: 'on', reason: null, ...off };
  await recording.refresh();
  expect(here.label(CommandIDs.toggleNotebook)).toBe('Record This Notebook');
  expect(here.isEnabled(CommandIDs.toggleNotebook)).toBe(false);
});

it('does not offer to record where nothing is recorded', async () => {
  recordingApi.answer = { state: 'off', reason: null };
  await recording.refresh();
  expect(commands.isEnabled(CommandIDs.toggleRecording)).toBe(false);
});

it('pauses and resumes the recording, as its label says', async () => {
  const id = CommandIDs.toggleRecording;
  expect(commands.isEnabled(id)).toBe(false);
  await recording.refresh();
  expect(commands.isEnabled(id)).toBe(true);
  expect(commands.label(id)).toBe('Pause Recording This Session');
  await commands.execute(id);
  expect(commands.label(id)).toBe('Record This Session');
  expect(changed).toContain(id);
});
