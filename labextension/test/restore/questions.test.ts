import { InputDialog } from '@jupyterlab/apputils';
import type { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, it, vi } from 'vitest';

import { Questions } from '../../src/restore/questions';

let shown: Map<string, { message: string; actions: readonly Notification.IAction[] }>;
let answers: string[];
let questions: Questions;

const WHO = { number: 0, prompt: 'who? ', password: false };

beforeEach(() => {
  vi.restoreAllMocks();
  shown = new Map();
  answers = [];
  questions = new Questions({
    name: () => 'a.ipynb',
    trans: nullTranslator.load(''),
    answer: text => answers.push(text),
    notifier: {
      notify: (message, _, { actions = [] }) => {
        shown.set(message, { message, actions });
        return message;
      },
      dismiss: id => {
        shown.delete(id);
      }
    }
  });
});

const told = () => [...shown.values()];
const press = async () => {
  told()[0]?.actions[0]?.callback(new MouseEvent('click'));
  await new Promise(resolve => setTimeout(resolve));
};
const reply = (accept: boolean, value: string | null) =>
  ({ button: { accept }, value, isChecked: null }) as never;

it('sends what a person answers, and nothing where they don’t', async () => {
  const dialog = vi.spyOn(InputDialog, 'getText');
  questions.tell('a', WHO);
  expect(told()[0]?.message).toContain('who?');
  dialog.mockResolvedValueOnce(reply(false, null));
  await press();
  expect(answers).toEqual([]);
  dialog.mockResolvedValueOnce(reply(true, 'you'));
  await press();
  expect(answers).toEqual(['you']);
});

it('hides what is typed as a password', async () => {
  const dialog = vi.spyOn(InputDialog, 'getPassword');
  dialog.mockResolvedValueOnce(reply(true, 'secret'));
  questions.tell('a', { ...WHO, password: true });
  await press();
  expect(answers).toEqual(['secret']);
});

it('tells of what is asked now only', () => {
  questions.tell('a', WHO);
  questions.tell('a', { ...WHO, number: 1, prompt: 'why? ' });
  expect(told()).toHaveLength(1);
  questions.over('b');
  expect(told()).toHaveLength(1);
  questions.over('a');
  expect(told()).toHaveLength(0);
});
