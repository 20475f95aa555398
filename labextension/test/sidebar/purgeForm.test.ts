import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { ISession } from '../../src/sidebar/contract';
import { PurgeForm } from '../../src/sidebar/purgeForm';
import { NOW, session, trans } from './fakes';

let form: PurgeForm;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
});

afterEach(() => {
  form.dispose();
  vi.useRealTimers();
});

async function open(asked: ISession = session()): Promise<void> {
  form = new PurgeForm(asked, trans);
  Widget.attach(form, document.body);
  await rendered();
}

async function rendered(): Promise<void> {
  MessageLoop.flush();
  await form.renderPromise;
  await new Promise(resolve => setImmediate(resolve));
}

async function choose(kind: string): Promise<void> {
  form.node.querySelector<HTMLInputElement>(`input[value=${kind}]`)?.click();
  await rendered();
}

/** Put a value in as a person does, so that React hears of it. */
async function enter(selector: string, value: string): Promise<void> {
  const field = form.node.querySelector<HTMLInputElement>(selector);
  const prototype: object = Object.getPrototypeOf(field) as object;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value);
  field?.dispatchEvent(new Event('input', { bubbles: true }));
  field?.dispatchEvent(new Event('change', { bubbles: true }));
  await rendered();
}

it('is everything at first, and says what that is', async () => {
  await open();
  expect(form.getValue()).toEqual({ scope: 'all' });
  expect(form.node.textContent).toContain('12 executions');
  expect(form.node.textContent).toContain('cannot be undone');
});

it('is the last minutes, by the clock of the server', async () => {
  await open();
  await choose('since');
  expect(form.getValue()).toEqual({ last_seconds: 300 });
  await enter('select', '60');
  expect(form.getValue()).toEqual({ last_seconds: 3600 });
  expect(form.node.textContent).toMatch(/in the last 60 minutes/);
});

it('is one of the notebooks whose kernels run', async () => {
  const kernels = ['b.ipynb', 'a.ipynb', 'b.ipynb', null].map((notebook, i) => ({
    id: `k${i}`,
    name: 'python3',
    state: 'idle',
    notebook
  }));
  await open(session({ kernels }));
  await choose('notebook');
  expect(form.getValue()).toEqual({ notebook: 'a.ipynb' });
  await enter('select[aria-label="Which notebook"]', 'b.ipynb');
  expect(form.getValue()).toEqual({ notebook: 'b.ipynb' });
});

it('offers no notebook where no kernel runs', async () => {
  await open(session({ kernels: [] }));
  expect(form.node.querySelector('input[value=notebook]')).toBeNull();
});

it('is one execution, by its number, and nothing without one', async () => {
  await open();
  await choose('execution');
  expect(form.getValue()).toBeNull();
  await enter('input[type=number]', '7');
  expect(form.getValue()).toEqual({ execution: 7 });
  await enter('input[type=number]', '');
  expect(form.getValue()).toBeNull();
});
