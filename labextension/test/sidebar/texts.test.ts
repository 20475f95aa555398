import { describe, expect, it } from 'vitest';

import { DEFAULT_CHOICE, withSection } from '../../src/sidebar/choice';
import { SECTIONS } from '../../src/sidebar/contract';
import * as texts from '../../src/sidebar/texts';
import {
  at,
  ended,
  finished,
  leftOut,
  NOW,
  session,
  stats,
  trans,
  transfer,
  watched
} from './fakes';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a span', () => {
  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [59.6, '1 min'],
    [12 * MINUTE + 30, '12 min'],
    [2 * HOUR, '2 h'],
    [2 * HOUR + 5 * MINUTE, '2 h 5 min'],
    [3 * DAY, '3 d'],
    [3 * DAY + 23 * HOUR + 59 * MINUTE, '3 d 23 h']
  ])('of %d s is %s', (seconds, text) => {
    expect(texts.durationText(seconds, trans)).toBe(text);
  });
});

describe('the life of a session', () => {
  it('is its age and the time left', () => {
    expect(texts.lifeText(session(), NOW, trans)).toBe(
      '2 h 5 min old, ends in 23 h if not used'
    );
  });

  it('is its age alone where it never ends by itself', () => {
    expect(texts.lifeText(session({ expires_at: null }), NOW, trans)).toBe(
      '2 h 5 min old'
    );
  });

  it('is about to end when its time is over', () => {
    const late = session({ expires_at: '2026-11-20T11:59:00Z' });
    expect(texts.lifeText(late, NOW, trans)).toContain('about to end');
  });

  it('is told with its dates', () => {
    expect(texts.lifeText(ended(), NOW, trans)).toBe('Ended 3 d ago');
    expect(texts.lifeDetails(ended(), trans)).toMatch(/Started: .+\nEnded: /);
    expect(texts.lifeDetails(session(), trans)).toMatch(/Last used: .+\nEnds/);
  });

  it('never began in the future, whatever the clocks say', () => {
    expect(texts.agoText('2026-11-20T12:00:30Z', NOW, trans)).toBe('just now');
  });
});

describe('the figures of a session', () => {
  it('are notebooks, executions, errors, kernels and size', () => {
    expect(texts.factTexts(session(), trans)).toEqual([
      '1 notebook',
      '12 executions',
      '2 errors',
      '1 running kernel',
      '1.5 MB'
    ]);
  });

  it('are without errors where there is none, without kernels where it has ended', () => {
    const counts = { notebooks: 2, executions: 1, errors: 0, kernels: 3 };
    expect(texts.factTexts(ended({ counts, bytes: null }), trans)).toEqual([
      '2 notebooks',
      '1 execution'
    ]);
  });

  it('are one line where it is folded', () => {
    expect(texts.foldedText(session(), NOW, trans)).toBe('12 executions · 1.5 MB');
    expect(texts.foldedText(ended({ bytes: null }), NOW, trans)).toBe(
      '12 executions · Ended 3 d ago'
    );
  });
});

it('says that a session belongs to another server', () => {
  const elsewhere = ended({ ended_at: null });
  expect(texts.stateText(elsewhere, trans)).toBe('Not by this server');
  expect(texts.stateText(ended(), trans)).toBe('Ended');
  expect(texts.stateText(session(), trans)).toBe('Recorded');
});

it('names the notebooks that are not recorded, each once and not too many', () => {
  const off = (notebooks: string[], state: 'on' | 'paused' = 'on') =>
    texts.offText(
      session({
        recording: {
          state,
          reason: null,
          notebooks_off: notebooks,
          notebooks_off_by_settings: ['private/a.ipynb']
        }
      }),
      trans
    );
  expect(texts.offText(session(), trans)).toBeNull();
  expect(off(['b.ipynb'], 'paused')).toBeNull();
  expect(off(['private/a.ipynb'])).toBe('Not recorded: private/a.ipynb');
  expect(off(['1', '2', '3', '4', '5', '6'])).toBe(
    'Not recorded: 1, 2, 3, 4, 5 and 2 more'
  );
});

it('has a name and a meaning for each section', () => {
  expect(new Set(SECTIONS.map(one => texts.sectionName(one, trans))).size).toBe(8);
  expect(new Set(SECTIONS.map(one => texts.sectionMeaning(one, trans))).size).toBe(8);
});

it.each(['starting', 'idle', 'busy', 'restarting', 'dead'])(
  'has a word for a kernel that is %s',
  state => {
    expect(texts.kernelStateText(state, trans)).toBe(state);
  }
);

describe('the size of a choice', () => {
  it('is told before compression', () => {
    expect(texts.choiceText(DEFAULT_CHOICE, stats(), trans)).toBe(
      '7 kB before compression'
    );
  });

  it('is told to be incomplete', () => {
    const choice = withSection(DEFAULT_CHOICE, 'workspace', true);
    const { sections } = stats();
    const unmeasured = { session_id: 's1', sections: { ...sections, workspace: null } };
    expect(texts.choiceText(choice, unmeasured, trans)).toContain('More than 7 kB');
  });

  it('is nothing before the first answer', () => {
    expect(texts.choiceText(DEFAULT_CHOICE, null, trans)).toBe('');
  });

  it('asks for a choice where there is none', () => {
    expect(texts.choiceText({ ...DEFAULT_CHOICE, include: [] }, stats(), trans)).toMatch(
      /at least one/
    );
  });
});

describe('an export', () => {
  it('that is made tells stage, percent and files', () => {
    expect(texts.preparingText(at(45), trans)).toBe('Compressing: 45 %, 45 of 100 files');
    expect(texts.preparingText(watched(), trans)).toBe('Completing the record …');
  });

  it('that is sent tells percent and bytes, also from its middle on', () => {
    expect(texts.sendingText(transfer(), trans)).toBe(
      'Downloading: 25 %, 2.5 MB of 10 MB'
    );
    const resumed = transfer({ first_byte: 5_000_000 });
    expect(texts.sendingText(resumed, trans)).toContain('75 %');
    const gone = transfer({ total_bytes: null });
    expect(texts.sendingText(gone, trans)).toBe('Downloading: 2.5 MB');
  });

  it('tells speed and remaining time as far as they are known', () => {
    expect(texts.paceText(2_000_000, 90, trans)).toBe('2 MB/s, about 1 min left');
    expect(texts.paceText(null, 30, trans)).toBe('about 30 s left');
    expect(texts.paceText(0, null, trans)).toBe('');
  });

  it.each(['preparing', 'ready', 'expired', 'failed', 'cancelled'] as const)(
    'that is %s has a word for it',
    state => {
      expect(texts.jobStateText(watched({ state }), trans)).not.toBe('');
    }
  );

  it.each([
    [{ kind: 'begun', job: at(0), percent: 0 }, 'An export has begun.'],
    [{ kind: 'progress', job: at(60), percent: 50 }, 'The export is at 50 %.'],
    [{ kind: 'ready', job: finished(), percent: 100 }, 'The export is ready.'],
    [
      { kind: 'ready', job: finished({ left_out: 2 }), percent: 100 },
      'The export is ready. 2 files left out.'
    ],
    [{ kind: 'cancelled', job: finished(), percent: 100 }, 'The export was cancelled.'],
    [{ kind: 'expired', job: finished(), percent: 100 }, '']
  ] as const)('is announced: %o', (news, text) => {
    expect(texts.announcementText(news, trans)).toBe(text);
  });

  it('that failed is announced with its reason', () => {
    const error = { code: 'EXPORT_FAILED', message: 'The disk is full.', detail: null };
    const job = watched({ state: 'failed', error });
    expect(
      texts.announcementText({ kind: 'failed', job, percent: 100 }, trans)
    ).toContain('The disk is full.');
  });
});

it('tells why a file was left out', () => {
  expect(texts.reasonText(leftOut('a'), trans)).toBe('Skipped: It is a socket.');
  expect(texts.reasonText(leftOut('a', { reason: null }), trans)).toBe('Skipped');
  const failed = leftOut('a', { disposition: 'failed' });
  expect(texts.reasonText(failed, trans)).toMatch(/^Failed/);
});
