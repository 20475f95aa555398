import type { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, it } from 'vitest';

import { SessionExportError } from '../../src/errors';
import { RestoreNotices } from '../../src/restore/notices';
import { run } from './fakes';

interface IShown {
  message: string;
  type: string;
  actions: readonly Notification.IAction[];
}

let shown: Map<string, IShown>;
let done: string[];
let isSeen: boolean;
let notices: RestoreNotices;

beforeEach(() => {
  shown = new Map();
  done = [];
  isSeen = true;
  let made = 0;
  notices = new RestoreNotices({
    name: () => 'a.ipynb',
    trans: nullTranslator.load(''),
    notifier: {
      notify: (message, type, { actions = [] }) => {
        made += 1;
        shown.set(`n${made}`, { message, type, actions });
        return `n${made}`;
      },
      update: ({ id, message = '', actions = [] }) => {
        const isThere = shown.has(id);
        if (isThere) {
          shown.set(id, { message, type: 'info', actions: [...actions] });
        }
        return isThere;
      },
      dismiss: id => {
        shown.delete(id);
      }
    },
    isSeen: () => isSeen,
    deeds: {
      restore: runs => done.push(`restore ${runs.length}`),
      decline: runs => done.push(`decline ${runs.length}`),
      undo: () => done.push('undo'),
      never: () => done.push('never')
    }
  });
});

const only = () => {
  const [first] = shown.values();
  if (!first || shown.size > 1) {
    throw new Error(`${shown.size} notifications`);
  }
  return first;
};

const settled = () => new Promise(resolve => setTimeout(resolve));

const press = (label: string) => {
  const action = only().actions.find(each => each.label === label);
  action?.callback(new MouseEvent('click'));
};

it('offers, and does what a person chooses', () => {
  const sure = [run({ outputs: 1_200 }), run({ status: 'running', outputs: null })];
  notices.offer({ sure, unsure: [], changed: 2 });
  const { message } = only();
  expect(message).toContain('a.ipynb: 2 cells have run on');
  expect(message).toContain('1 of them is still running');
  expect(message).toContain('2 cells have other code than ran');
  for (const label of ['Restore 1,201 outputs', 'Not Now', 'Never']) {
    press(label);
  }
  expect(done).toEqual(['restore 2', 'decline 2', 'never']);
});

it('changes an offer where it stands, and makes it again where it was closed', () => {
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  const [place] = shown.keys();
  notices.offer({ sure: [run(), run({ cell_id: 'b' })], unsure: [], changed: 0 });
  expect([...shown.keys()]).toEqual([place]);
  press('Restore 2 outputs');
  expect(done).toEqual(['restore 2']);

  shown.clear();
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  press('Restore 1 output');
  expect(done).toEqual(['restore 2', 'restore 1']);
});

it('makes an offer anew that is not on the screen yet: what changes till then is lost', () => {
  isSeen = false;
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  const [place] = shown.keys();
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  expect(shown.size).toBe(1);
  expect([...shown.keys()]).not.toEqual([place]);
});

it('offers no more what has run again, and nothing at last', async () => {
  notices.offer({
    sure: [run(), run({ cell_id: 'b', outputs: 4 })],
    unsure: [],
    changed: 0
  });
  notices.withdraw('b');
  await settled();
  press('Restore 1 output');
  expect(done).toEqual(['restore 1']);
  notices.withdraw('a');
  await settled();
  expect(shown.size).toBe(0);
});

it('restores what may be older only where that is asked for', () => {
  const offer = { sure: [run()], unsure: [run({ cell_id: 'b' })], changed: 0 };
  notices.offer(offer);
  expect(only().message).toContain('1 cell may show more than was recorded');
  press('Restore 1 output');
  press('Restore all 2 (may be older)');
  expect(done).toEqual(['restore 1', 'restore 2']);

  notices.offer({ ...offer, sure: [] });
  const labels = only().actions.map(({ label }) => label);
  expect(labels).toEqual(['Restore all 1 (may be older)', 'Not Now', 'Never']);
});

it('tells what was restored, in place of the offer, and undoes it', () => {
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  notices.restored({ restored: [run()], changed: 0, error: null });
  expect(only().message).toBe('a.ipynb: Restored 1 output');
  press('Undo');
  expect(done).toEqual(['undo']);
});

it('tells what went wrong', () => {
  const error = new SessionExportError('OUTPUT_TOO_LARGE', 'too large');
  notices.restored({ restored: [], changed: 0, error });
  expect(only().message).toContain('too large');
});

it('tells who has asked that there is nothing', () => {
  notices.nothing(0);
  expect(only().message).toBe('a.ipynb shows all that was recorded of its cells.');
});

it('goes with its notebook', () => {
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  notices.dispose();
  notices.offer({ sure: [run()], unsure: [], changed: 0 });
  expect(shown.size).toBe(0);
});
