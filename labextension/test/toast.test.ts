import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Toast, type IToastContent } from '../src/toast';
import { FakeNotifier } from './fakes';

let errors: string[];
let isSeen: boolean;
let notifier: FakeNotifier;
let toast: Toast;

const progress = (message: string): IToastContent => ({
  message,
  type: 'in-progress',
  autoClose: false,
  actions: []
});
const end = (message: string, type: 'success' | 'error' = 'success'): IToastContent => ({
  ...progress(message),
  type
});

beforeEach(() => {
  vi.useFakeTimers();
  errors = [];
  isSeen = false;
  notifier = new FakeNotifier();
  toast = new Toast(
    { notifier, isSeen: () => isSeen, onUnseen: error => errors.push(error) },
    progress('begin')
  );
});

afterEach(() => {
  toast.dispose();
  vi.useRealTimers();
});

it('keeps only the newest content until it is on the screen', async () => {
  toast.show(progress('a'));
  toast.show(end('b'));
  await vi.advanceTimersByTimeAsync(500);
  expect(notifier.only.message).toBe('begin');
  isSeen = true;
  await vi.advanceTimersByTimeAsync(50);
  expect(notifier.only.message).toBe('b');
  expect(notifier.changes).toBe(2);
});

it('changes at once while it is on the screen', () => {
  isSeen = true;
  toast.show(progress('a'));
  expect(notifier.only.message).toBe('a');
});

it('waits no longer than some seconds', async () => {
  toast.show(end('b'));
  await vi.advanceTimersByTimeAsync(2_500);
  expect(notifier.only.message).toBe('b');
  expect(errors).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('tells an error in another way when it never came to the screen', async () => {
  toast.show(end('dead', 'error'));
  await vi.advanceTimersByTimeAsync(2_500);
  expect(errors).toEqual(['dead']);
});

it('tells an error only once when it was seen', async () => {
  isSeen = true;
  toast.show(end('refused', 'error'));
  await vi.advanceTimersByTimeAsync(2_500);
  expect(errors).toEqual([]);
});

it('stays away when it was hidden, until there is an end to tell', async () => {
  isSeen = true;
  await vi.advanceTimersByTimeAsync(100);
  isSeen = false;
  toast.show(progress('a'));
  expect(notifier.only.message).toBe('begin');
  toast.show(end('b'));
  expect(notifier.only.message).toBe('b');
});

it('is made anew when it was dismissed for good', async () => {
  isSeen = true;
  await vi.advanceTimersByTimeAsync(100);
  notifier.notes.clear();
  toast.show(end('b'));
  expect(notifier.only.message).toBe('b');
});

it('is gone once it is disposed', async () => {
  toast.show(end('b'));
  toast.dispose();
  toast.dispose();
  toast.show(end('c'));
  await vi.advanceTimersByTimeAsync(2_500);
  expect(toast.isDisposed).toBe(true);
  expect(notifier.notes.size).toBe(0);
  expect(notifier.changes).toBe(1);
});

it('is never full, since JupyterLab would take it off the screen', () => {
  isSeen = true;
  toast.show({ ...progress('all'), progress: 1 });
  expect(notifier.only.progress).toBeLessThan(1);
});
