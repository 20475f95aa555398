/** What people read about an export, a recording and what went wrong. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExportJob, IExportProgress } from './api';
import {
  BAD_ANSWER,
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
  const done = trans._n(
    '%3 %%, %2 of %1 file',
    '%3 %%, %2 of %1 files',
    progress.entries_total,
    progress.entries_done,
    Math.floor(progress.percent)
  );
  const left = remainingText(progress.remaining, trans);
  return [stage, left === null ? done : trans.__('%1, %2', done, left)].join('\n');
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

/** The last word on an export that went well. */
export function readyText(
  job: IExportJob,
  unsaved: string[],
  trans: TranslationBundle
): string {
  const lines = [
    job.bytes === null
      ? trans.__('%1 is being downloaded.', job.filename)
      : trans.__('%1 (%2) is being downloaded.', job.filename, sizeText(job.bytes))
  ];
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
