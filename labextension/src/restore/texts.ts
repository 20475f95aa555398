/** What people read about what can be restored, and what was. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { SessionExportError } from '../errors';
import { durationText } from '../sidebar/texts';
import { failureText } from '../texts';
import { countOutputs, isGoingOn, type IRun, type RunStatus } from './contract';
import type { IOffer, IOutcome } from './offers';

export function restoreLabel(runs: readonly IRun[], trans: TranslationBundle): string {
  const count = countOutputs(runs);
  return trans._n(
    'Restore %2 output',
    'Restore %2 outputs',
    count,
    count.toLocaleString()
  );
}

/** The label of what restores more than is sure. */
export function restoreAllLabel(runs: readonly IRun[], trans: TranslationBundle): string {
  return trans.__('Restore all %1 (may be older)', countOutputs(runs).toLocaleString());
}

export function offeredRuns({ sure, unsure }: IOffer): IRun[] {
  return [...sure, ...unsure];
}

export function offerText(name: string, offer: IOffer, trans: TranslationBundle): string {
  const runs = offeredRuns(offer);
  const lines = [
    trans._n(
      '%2: %1 cell has run on without this page. Its output was recorded.',
      '%2: %1 cells have run on without this page. Their output was recorded.',
      runs.length,
      name
    )
  ];
  const running = runs.filter(isGoingOn).length;
  if (running > 0) {
    lines.push(
      trans._n('%1 of them is still running.', '%1 of them are still running.', running)
    );
  }
  if (offer.unsure.length > 0) {
    lines.push(
      trans._n(
        '%1 cell may show more than was recorded, or a later run.',
        '%1 cells may show more than was recorded, or later runs.',
        offer.unsure.length
      )
    );
  }
  return [...lines, ...changedLines(offer.changed, trans)].join('\n');
}

export function restoredText(
  name: string,
  { restored, changed }: IOutcome,
  trans: TranslationBundle
): string {
  const count = countOutputs(restored);
  const line = trans._n(
    '%3: Restored %2 output',
    '%3: Restored %2 outputs',
    count,
    count.toLocaleString(),
    name
  );
  return [line, ...changedLines(changed, trans)].join('\n');
}

/** What there is to say to who has asked, and has all. */
export function nothingText(
  name: string,
  changed: number,
  trans: TranslationBundle
): string {
  const line = trans.__('%1 shows all that was recorded of its cells.', name);
  return [line, ...changedLines(changed, trans)].join('\n');
}

export function notRestoredText(
  error: SessionExportError,
  trans: TranslationBundle
): string {
  return trans.__('Outputs were not restored: %1', failureText(error, trans));
}

function changedLines(changed: number, trans: TranslationBundle): string[] {
  if (changed === 0) {
    return [];
  }
  return [
    trans._n(
      '%1 cell has other code than ran, and stays as it is: see “Earlier Runs…” in its menu.',
      '%1 cells have other code than ran, and stay as they are: see “Earlier Runs…” in their menus.',
      changed
    )
  ];
}

/** When a run began, to the second: a cell may run often in a minute. */
export function beginText(
  { started_at }: Pick<IRun, 'started_at'>,
  trans: TranslationBundle
): string {
  return started_at === null
    ? trans.__('never begun')
    : new Date(started_at).toLocaleString(undefined, {
        dateStyle: 'medium',
        timeStyle: 'medium'
      });
}

/** How a run went, and how long it took. */
export function resultText(
  { status, duration_ms }: Pick<IRun, 'status' | 'duration_ms'>,
  trans: TranslationBundle
): string {
  const result = statusText(status, trans);
  return duration_ms === null || status === 'aborted'
    ? result
    : `${result} · ${spanText(duration_ms, trans)}`;
}

function statusText(status: RunStatus, trans: TranslationBundle): string {
  return {
    running: trans.__('running'),
    queued: trans.__('waiting'),
    ok: trans.__('done'),
    error: trans.__('error'),
    aborted: trans.__('not run'),
    interrupted: trans.__('interrupted'),
    lost: trans.__('kernel died')
  }[status];
}

function spanText(milliseconds: number, trans: TranslationBundle): string {
  return milliseconds < 1_000
    ? trans.__('%1 ms', Math.round(milliseconds))
    : durationText(milliseconds / 1_000, trans);
}
