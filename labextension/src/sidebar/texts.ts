/** What people read in the sidebar. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IExportJob, ILeftOut, ISending } from '../api';
import { dispositionText, recordingLabel, sizeText } from '../texts';
import type { IAnnouncement } from './announcer';
import type { IChoice } from './choice';
import { chosenBytes } from './choice';
import type { ICounts, ISession, IStats, Section } from './contract';
import { isCurrent } from './sessions';
import { reachOf } from './reach';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Notebooks that aren't recorded and are named; of the others their number. */
const MOST_NAMED = 5;

/** A span in the two largest units that it has. */
export function durationText(seconds: number, trans: TranslationBundle): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) {
    return trans.__('%1 s', whole);
  }
  if (whole < HOUR) {
    return trans.__('%1 min', Math.floor(whole / MINUTE));
  }
  if (whole < DAY) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    const hours = trans.__('%1 h', Math.floor(whole / HOUR));
    return minutes === 0 ? hours : trans.__('%1 %2 min', hours, minutes);
  }
  const hours = Math.floor((whole % DAY) / HOUR);
  const days = trans.__('%1 d', Math.floor(whole / DAY));
  return hours === 0 ? days : trans.__('%1 %2 h', days, hours);
}

/** A point in time as this reader writes it. */
export function momentText(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short'
  });
}

function secondsSince(iso: string, now: number): number {
  return (now - Date.parse(iso)) / 1000;
}

export function agoText(iso: string, now: number, trans: TranslationBundle): string {
  const seconds = secondsSince(iso, now);
  return seconds < MINUTE
    ? trans.__('just now')
    : trans.__('%1 ago', durationText(seconds, trans));
}

export function sessionName(
  session: Pick<ISession, 'number'>,
  trans: TranslationBundle
): string {
  return trans.__('Session %1', session.number);
}

/** How old it is and how long it will be there. */
export function lifeText(
  session: ISession,
  now: number,
  trans: TranslationBundle
): string {
  if (session.ended_at !== null) {
    return trans.__('Ended %1', agoText(session.ended_at, now, trans));
  }
  const age = durationText(secondsSince(session.started_at, now), trans);
  if (session.expires_at === null) {
    return trans.__('%1 old', age);
  }
  const left = -secondsSince(session.expires_at, now);
  return left > 0
    ? trans.__('%1 old, ends in %2 if not used', age, durationText(left, trans))
    : trans.__('%1 old, about to end', age);
}

/** When it began and when it was used last, for a tooltip. */
export function lifeDetails(session: ISession, trans: TranslationBundle): string {
  const lines = [trans.__('Started: %1', momentText(session.started_at))];
  if (session.ended_at !== null) {
    lines.push(trans.__('Ended: %1', momentText(session.ended_at)));
  } else {
    lines.push(trans.__('Last used: %1', momentText(session.last_active_at)));
    if (session.expires_at !== null) {
      lines.push(trans.__('Ends, if not used: %1', momentText(session.expires_at)));
    }
  }
  return lines.join('\n');
}

/** What a session holds, in figures. */
export function factTexts(session: ISession, trans: TranslationBundle): string[] {
  const { counts } = session;
  const kernels = session.kernels.length;
  const facts = [];
  if (counts !== null) {
    facts.push(trans._n('%1 notebook', '%1 notebooks', counts.notebooks));
    facts.push(executionsText(counts, trans));
    if (counts.errors > 0) {
      facts.push(trans._n('%1 error', '%1 errors', counts.errors));
    }
  }
  if (session.ended_at === null) {
    facts.push(trans._n('%1 running kernel', '%1 running kernels', kernels));
  }
  if (session.bytes !== null) {
    facts.push(sizeText(session.bytes));
  }
  return facts;
}

function executionsText({ executions }: ICounts, trans: TranslationBundle): string {
  return trans._n('%1 execution', '%1 executions', executions);
}

/** The word on a session's badge. */
export function stateText(session: ISession, trans: TranslationBundle): string {
  if (session.ended_at === null && !session.this_server) {
    return trans.__('Not by this server');
  }
  return recordingLabel({ state: session.recording.state, error: null }, trans);
}

/** Which notebooks of a session that is recorded aren't; null where all are. */
export function offText(
  { recording }: ISession,
  trans: TranslationBundle
): string | null {
  const { notebooks_off: byWord = [], notebooks_off_by_settings: bySettings = [] } =
    recording;
  const off = [...new Set([...byWord, ...bySettings])];
  if (recording.state !== 'on' || off.length === 0) {
    return null;
  }
  const named = trans.__('Not recorded: %1', off.slice(0, MOST_NAMED).join(', '));
  const others = off.length - MOST_NAMED;
  return others > 0 ? trans._n('%2 and %1 more', '%2 and %1 more', others, named) : named;
}

export function kernelStateText(state: string, trans: TranslationBundle): string {
  switch (state) {
    case 'starting':
      return trans.__('starting');
    case 'idle':
      return trans.__('idle');
    case 'busy':
      return trans.__('busy');
    case 'restarting':
    case 'autorestarting':
      return trans.__('restarting');
    case 'dead':
      return trans.__('dead');
    default:
      return state;
  }
}

export function sectionName(section: Section, trans: TranslationBundle): string {
  switch (section) {
    case 'code':
      return trans.__('Notebooks and code');
    case 'executions':
      return trans.__('Executions');
    case 'debug':
      return trans.__('Debugging');
    case 'logs':
      return trans.__('Logs');
    case 'recordings':
      return trans.__('Recordings');
    case 'data':
      return trans.__('Data and readings');
    case 'outputs':
      return trans.__('Own files');
    case 'workspace':
      return trans.__('Workspace');
  }
}

export function sectionMeaning(section: Section, trans: TranslationBundle): string {
  switch (section) {
    case 'code':
      return trans.__('The notebooks as they are saved, and each as a script');
    case 'executions':
      return trans.__('Everything that ran: source, streams, outputs, errors and times');
    case 'debug':
      return trans.__('What the debugger was used for');
    case 'logs':
      return trans.__('What was done in this session, and by whom');
    case 'recordings':
      return trans.__('Audio, video and images that belong to this session');
    case 'data':
      return trans.__('Sensor readings, devices and the description of the session');
    case 'outputs':
      return trans.__('Files that code saved with session_files');
    case 'workspace':
      return trans.__('The folders of the notebooks, with all that is in them');
  }
}

/** How much a choice would put into the ZIP. */
export function choiceText(
  choice: IChoice,
  stats: IStats | null,
  trans: TranslationBundle
): string {
  if (choice.include.length === 0) {
    return trans.__('Choose at least one.');
  }
  if (!stats?.sections) {
    return '';
  }
  const { bytes, isWhole } = chosenBytes(choice, stats);
  return isWhole
    ? trans.__('%1 before compression', sizeText(bytes))
    : trans.__('More than %1 before compression', sizeText(bytes));
}

export function jobStateText(job: IExportJob, trans: TranslationBundle): string {
  switch (job.state) {
    case 'preparing':
      return trans.__('Being prepared');
    case 'ready':
      return trans.__('Ready');
    case 'expired':
      return trans.__('Expired');
    case 'failed':
      return trans.__('Failed');
    case 'cancelled':
      return trans.__('Cancelled');
  }
}

/** How far the making of a ZIP is. */
export function preparingText(job: IExportJob, trans: TranslationBundle): string {
  const { stage, percent, entries_done, entries_total } = job.progress;
  const name = stageText(stage, trans);
  return entries_total === 0
    ? trans.__('%1 …', name)
    : trans._n(
        '%4: %3 %%, %2 of %1 file',
        '%4: %3 %%, %2 of %1 files',
        entries_total,
        entries_done,
        Math.floor(percent),
        name
      );
}

function stageText(stage: string, trans: TranslationBundle): string {
  switch (stage) {
    case 'settling':
      return trans.__('Completing the record');
    case 'planning':
      return trans.__('Listing files');
    case 'sealing':
    case 'compressing':
      return trans.__('Compressing');
    default:
      return stage;
  }
}

/** How far the sending of a ZIP is. */
export function sendingText(transfer: ISending, trans: TranslationBundle): string {
  const { reached, whole, percent } = reachOf(transfer);
  return percent === null
    ? trans.__('Downloading: %1', sizeText(reached))
    : trans.__(
        'Downloading: %1 %%, %2 of %3',
        Math.floor(percent),
        sizeText(reached),
        sizeText(whole ?? 0)
      );
}

/** How fast it goes and how long it will take, as far as that is known. */
export function paceText(
  speed: number | null,
  remaining: number | null,
  trans: TranslationBundle
): string {
  const parts = [];
  if (speed !== null && speed > 0) {
    parts.push(trans.__('%1/s', sizeText(speed)));
  }
  if (remaining !== null && remaining >= 1) {
    parts.push(trans.__('about %1 left', durationText(remaining, trans)));
  }
  return parts.join(', ');
}

export function leftOutText(count: number, trans: TranslationBundle): string {
  return trans._n('%1 file left out', '%1 files left out', count);
}

/** Why a file isn't in the ZIP. */
export function reasonText(line: ILeftOut, trans: TranslationBundle): string {
  const what = dispositionText(line, trans);
  return line.reason ? trans.__('%1: %2', what, line.reason) : what;
}

/** What a screen reader says; empty for what needs no words. */
export function announcementText(
  { kind, job, percent }: IAnnouncement,
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'begun':
      return trans.__('An export has begun.');
    case 'progress':
      return trans.__('The export is at %1 %%.', percent);
    case 'ready':
      return job.left_out > 0
        ? trans.__('The export is ready. %1.', leftOutText(job.left_out, trans))
        : trans.__('The export is ready.');
    case 'failed':
      return trans.__('The export has failed. %1', job.error?.message ?? '');
    case 'cancelled':
      return trans.__('The export was cancelled.');
    case 'expired':
      return '';
  }
}

/** One line on a session that is folded. */
export function foldedText(
  session: ISession,
  now: number,
  trans: TranslationBundle
): string {
  const executions =
    session.counts === null ? [] : [executionsText(session.counts, trans)];
  const size = session.bytes === null ? [] : [sizeText(session.bytes)];
  const life = isCurrent(session) ? [] : [lifeText(session, now, trans)];
  return [...executions, ...size, ...life].join(' · ');
}
