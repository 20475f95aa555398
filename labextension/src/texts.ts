/** What people read about an export, a recording and what went wrong. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExportJob, IExportProgress, ILeftOut } from './api';
import type { DeliveryState } from './delivery';
import {
  BAD_ANSWER,
  CANCELLED_SESSION_CHANGE,
  FORBIDDEN,
  NOT_INSTALLED,
  SERVER_UNREACHABLE,
  UNAUTHENTICATED,
  type SessionExportError
} from './errors';
import type { ExportPhase } from './export';
import type { RecordingModel } from './recording';

/** The line of a running export's notification. */
export function progressText(
  phase: ExportPhase,
  progress: IExportProgress | null,
  trans: TranslationBundle
): string {
  if (phase === 'saving') {
    return trans.__('Download Session: saving open notebooks …');
  }
  if (phase === 'cancelling') {
    return trans.__('Download Session: cancelling …');
  }
  if (!progress) {
    return trans.__('Download Session: asking the server …');
  }
  const stage = trans.__('Download Session: %1 …', stageText(progress.stage, trans));
  if (progress.entries_total === 0) {
    return stage;
  }
  const done =
    progress.bytes_total > 0
      ? shareText(progress.percent, progress.bytes_total, trans)
      : trans._n(
          '%3 %%, %2 of %1 file',
          '%3 %%, %2 of %1 files',
          progress.entries_total,
          progress.entries_done,
          Math.floor(progress.percent)
        );
  return [stage, listText([done, ...paceTexts(progress, trans)], trans)].join('\n');
}

/** The line of a ZIP that is on its way into the browser. */
export function deliveryText(
  job: IExportJob,
  state: DeliveryState,
  trans: TranslationBundle
): string {
  if (state.kind !== 'sending') {
    return trans.__('Download Session: handing %1 to the browser …', job.filename);
  }
  const done = shareText(percent(state.position, state.total), state.total, trans);
  const pace = paceTexts(
    { bytes_per_second: state.bytesPerSecond, remaining: state.remaining },
    trans
  );
  return [
    trans.__('Downloading %1 …', job.filename),
    listText([done, ...pace], trans)
  ].join('\n');
}

/** How fast it goes and how long it takes, as far as that is known. */
function paceTexts(
  {
    bytes_per_second,
    remaining
  }: Pick<IExportProgress, 'bytes_per_second' | 'remaining'>,
  trans: TranslationBundle
): string[] {
  const speed =
    bytes_per_second === null || bytes_per_second < 1
      ? null
      : trans.__('%1/s', sizeText(bytes_per_second));
  return [speed, remainingText(remaining, trans)].filter(text => text !== null);
}

function listText(texts: string[], trans: TranslationBundle): string {
  return texts.reduce((list, text) => trans.__('%1, %2', list, text));
}

function shareText(share: number, total: number, trans: TranslationBundle): string {
  return trans.__('%1 %% of %2', Math.floor(share), sizeText(total));
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.floor((100 * part) / whole) : 0;
}

function stageText(stage: string, trans: TranslationBundle): string {
  switch (stage) {
    case 'settling':
      return trans.__('completing the record');
    case 'planning':
      return trans.__('listing files');
    case 'sealing':
    case 'compressing':
      return trans.__('compressing');
    case 'ready':
      return trans.__('ready');
    default:
      return stage;
  }
}

function remainingText(seconds: number | null, trans: TranslationBundle): string | null {
  if (seconds === null || seconds < 1) {
    return null;
  }
  return seconds < 90
    ? trans.__('about %1 s left', Math.ceil(seconds))
    : trans.__('about %1 min left', Math.ceil(seconds / 60));
}

/** The last word on an export whose ZIP was made. */
export function readyText(
  job: IExportJob,
  state: DeliveryState,
  unsaved: string[],
  trans: TranslationBundle
): string {
  const lines = [deliveredText(job, state, trans)];
  if (job.left_out > 0) {
    lines.push(
      trans._n(
        '%1 file was left out; manifest.json says why.',
        '%1 files were left out; manifest.json says why.',
        job.left_out
      )
    );
  }
  if (unsaved.length > 0) {
    lines.push(
      trans._n(
        '%1 notebook could not be saved; the ZIP has it as it was on disk.',
        '%1 notebooks could not be saved; the ZIP has them as they were on disk.',
        unsaved.length
      )
    );
  }
  return lines.join('\n');
}

function deliveredText(
  job: IExportJob,
  state: DeliveryState,
  trans: TranslationBundle
): string {
  const { bytes, filename } = job;
  const name = bytes === null ? filename : trans.__('%1 (%2)', filename, sizeText(bytes));
  switch (state.kind) {
    case 'done':
      return trans.__('%1 was sent to your browser.', name);
    case 'interrupted':
      return trans.__(
        'The download of %1 was interrupted at %2 %%. Resume it in your browser, or download it again.',
        filename,
        percent(state.position, state.total)
      );
    default:
      return trans.__(
        '%1 was handed to your browser, which has not begun to download it.',
        name
      );
  }
}

/** While the server is asked again and again. */
export function silenceText(trans: TranslationBundle): string {
  return trans.__('Download Session: the server does not answer, trying again …');
}

/** What loading the page anew has ended. */
export function endedByReloadText(
  { filename }: IExportJob,
  trans: TranslationBundle
): string {
  return trans.__(
    'The download of %1 was stopped when this page was reloaded.',
    filename
  );
}

/** What stands above a list of files that are not in the ZIP. */
export function leftOutText(
  listed: number,
  total: number,
  trans: TranslationBundle
): string {
  const count = trans._n(
    '%1 file is missing from the ZIP, or not whole in it. Its manifest.json says so, too.',
    '%1 files are missing from the ZIP, or not whole in it. Its manifest.json says so, too.',
    total
  );
  return listed < total ? trans.__('%1 The first %2:', count, listed) : count;
}

/** What became of a file that is not in the ZIP. */
export function dispositionText(
  { disposition }: Pick<ILeftOut, 'disposition'>,
  trans: TranslationBundle
): string {
  switch (disposition) {
    case 'skipped':
      return trans.__('Skipped');
    case 'changed':
      return trans.__('Changed');
    case 'failed':
      return trans.__('Failed');
    default:
      return disposition;
  }
}

/** Bytes as people read them, in the reader's number format. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const maximumFractionDigits = unit > 0 && value < 99.95 ? 1 : 0;
  return `${value.toLocaleString(undefined, { maximumFractionDigits })} ${units[unit] ?? ''}`;
}

/** What went wrong, and what to do about it. */
export function failureText(error: SessionExportError, trans: TranslationBundle): string {
  switch (error.code) {
    case SERVER_UNREACHABLE:
      return trans.__('The Jupyter server does not answer. Is it still running?');
    case NOT_INSTALLED:
      return trans.__(
        'The server extension jupyter_session_export is not running. Install and enable it, then restart the server.'
      );
    case UNAUTHENTICATED:
    case FORBIDDEN:
      return trans.__(
        'The server does not accept your sign-in for this. Reload the page to sign in again.'
      );
    case CANCELLED_SESSION_CHANGE:
      return [
        trans.__('Download Session: stopped, as the session has changed.'),
        error.message
      ]
        .filter(Boolean)
        .join('\n');
    case BAD_ANSWER:
      return trans.__(
        'The server, or a proxy before it, sent an answer that makes no sense (status %1).',
        error.status ?? 0
      );
    default:
      return [
        trans.__(
          '%1 (%2)',
          error.message || trans.__('Something went wrong.'),
          error.code
        ),
        error.detail
      ]
        .filter(Boolean)
        .join('\n');
  }
}

/** The one word on the notebook's toolbar. */
export function recordingLabel(
  model: Pick<RecordingModel, 'state' | 'error'>,
  trans: TranslationBundle
): string {
  switch (model.state) {
    case 'on':
      return trans.__('Recorded');
    case 'paused':
      return trans.__('Paused');
    case 'stopped':
      return trans.__('Stopped');
    case 'off':
      return trans.__('Not recorded');
    case 'ended':
      return trans.__('Ended');
    default:
      return model.error?.code === NOT_INSTALLED
        ? trans.__('Not recorded')
        : trans.__('Recording?');
  }
}

/** What the word means, what is recorded and what a click does. */
export function recordingTooltip(
  model: RecordingModel,
  trans: TranslationBundle
): string {
  const lines = [recordingMeaning(model, trans)];
  if (model.reason) {
    lines.push(model.reason);
  }
  if (model.error) {
    lines.push(failureText(model.error, trans));
  }
  const action = recordingAction(model, trans);
  if (action) {
    lines.push(trans.__('Click: %1', action));
  }
  return lines.join('\n');
}

/** The same where this notebook was turned off. */
export function notebookOffTooltip(
  model: RecordingModel,
  path: string,
  trans: TranslationBundle
): string {
  const lines = [
    trans.__(
      'What this notebook runs is not kept. The other notebooks of this session are recorded.'
    )
  ];
  if (model.isOffBySettings(path)) {
    lines.push(trans.__('The settings of this server say so.'));
  }
  if (model.error) {
    lines.push(failureText(model.error, trans));
  }
  const action = notebookOffAction(model, path, trans);
  if (action) {
    lines.push(trans.__('Click: %1', action));
  }
  return lines.join('\n');
}

/** What a click does where this notebook is off; null where the settings have it off. */
export function notebookOffAction(
  model: RecordingModel,
  path: string,
  trans: TranslationBundle
): string | null {
  return model.isOffBySettings(path) ? null : trans.__('Record this notebook again');
}

/** What a click does; null where it can do nothing. */
export function recordingAction(
  model: RecordingModel,
  trans: TranslationBundle
): string | null {
  switch (model.state) {
    case 'on':
      return trans.__('Pause recording this session');
    case 'paused':
      return trans.__('Resume recording this session');
    case 'stopped':
      return trans.__('Try to record this session again');
    default:
      return null;
  }
}

function recordingMeaning(model: RecordingModel, trans: TranslationBundle): string {
  switch (model.state) {
    case 'on':
      return trans.__(
        'This session is recorded: the code, outputs, errors and times of every execution in its notebooks and consoles, kept on the server for you.'
      );
    case 'paused':
      return trans.__(
        'Recording is paused: what runs now is not kept. What was recorded before is.'
      );
    case 'stopped':
      return trans.__(
        'Recording has stopped: what runs now is not kept. What was recorded before is.'
      );
    case 'off':
      return trans.__('This session is not recorded: what runs in it is not kept.');
    case 'ended':
      return trans.__(
        'This session has ended: what runs now is not kept. What was recorded before is.'
      );
    default:
      return trans.__('Whether this session is recorded is not known.');
  }
}
