import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Occasions, type IWatched } from '../../src/restore/occasions';
import { idle, message } from './fakes';

class FakeSession {
  readonly ready = Promise.resolve();
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  readonly anyMessage = new Signal<this, { msg: KernelMessage.IMessage }>(this);
  readonly session = { kernel: { anyMessage: this.anyMessage } };
  readonly kernelChanged = new Signal<this, unknown>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
}

let session: FakeSession;
let looks: number;
let gone: number;
let isRunning: boolean;
let occasions: Occasions;

beforeEach(async () => {
  vi.useFakeTimers();
  session = new FakeSession();
  [looks, gone, isRunning] = [0, 0, false];
  occasions = new Occasions({
    session: session as unknown as IWatched,
    look: () => (looks += 1),
    isRunning: () => isRunning,
    kernelGone: () => (gone += 1)
  });
  await vi.runAllTimersAsync();
});

afterEach(() => {
  occasions.dispose();
  vi.useRealTimers();
});

it('looks when a notebook is open, and when its kernel is another', () => {
  expect(looks).toBe(1);
  session.kernelChanged.emit(undefined);
  vi.runAllTimers();
  expect([looks, gone]).toEqual([2, 1]);
});

const ends = () => {
  session.anyMessage.emit({ msg: idle() });
  vi.runAllTimers();
};

it('looks when the kernel is reached again, and when what runs then has ended', () => {
  session.connectionStatusChanged.emit('connected');
  vi.runAllTimers();
  expect(looks).toBe(1);
  isRunning = true;
  session.connectionStatusChanged.emit('connecting');
  session.connectionStatusChanged.emit('connected');
  vi.runAllTimers();
  expect(looks).toBe(2);
  ends();
  isRunning = false;
  ends();
  ends();
  expect(looks).toBe(4);
});

it('looks when the server has cut output, once the kernel is at rest', () => {
  const said = (name: string, text: string) => {
    session.anyMessage.emit({ msg: message('stream', { name, text }) });
    ends();
  };
  said('stdout', 'IOPub data rate exceeded.\n');
  expect(looks).toBe(1);
  said('stderr', 'IOPub data rate exceeded.\nThe Jupyter server will …');
  expect(looks).toBe(2);
});

it('tells when a kernel goes', () => {
  session.statusChanged.emit('restarting');
  session.statusChanged.emit('dead');
  expect(gone).toBe(2);
});

it('does nothing more when it is disposed', () => {
  session.kernelChanged.emit(undefined);
  occasions.dispose();
  session.kernelChanged.emit(undefined);
  vi.runAllTimers();
  expect([looks, gone]).toEqual([1, 1]);
});
