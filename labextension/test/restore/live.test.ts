import type { CodeCellModel } from '@jupyterlab/cells';
import { beforeEach, expect, it } from 'vitest';

import type { IRunOutputs } from '../../src/restore/contract';
import { LiveRun } from '../../src/restore/live';
import {
  cell,
  FakeKernel,
  idle,
  message,
  position,
  printed,
  recorded,
  stream
} from './fakes';

let kernel: FakeKernel;
let shown: CodeCellModel;
let answers: (IRunOutputs | Promise<IRunOutputs> | Error)[];
let ended: IRunOutputs[];
let failed: unknown[];
let asked: string[];
let meanwhile: () => void;
let finals: () => Promise<IRunOutputs>;

const going = (text: string, rest: Partial<IRunOutputs> = {}) =>
  recorded({ status: 'running' }, text ? [stream(text)] : [], rest);

beforeEach(() => {
  kernel = new FakeKernel();
  shown = cell('a', 'code');
  [answers, ended, failed, asked] = [[], [], [], []];
  meanwhile = () => undefined;
  finals = () => Promise.resolve(recorded({}, []));
});

function follow(): LiveRun {
  return new LiveRun({
    run: going('').run,
    kernel,
    cell: () => (shown.isDisposed ? null : shown),
    fetch: () => {
      meanwhile();
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer && !(answer instanceof Error)
        ? Promise.resolve(answer)
        : Promise.reject(answer ?? new Error('nothing to answer'));
    },
    final: () => finals(),
    asked: ({ prompt }) => asked.push(prompt),
    ended: found => ended.push(found),
    failed: reason => failed.push(reason),
    pause: () => Promise.resolve()
  });
}

const text = () => shown.outputs.toJSON().map(output => output['text']);

/** What a promise that has been resolved leads to. */
const settled = () => new Promise(resolve => setTimeout(resolve));

it('goes on where the record is, without a gap or a duplicate', async () => {
  const [one, two, three] = [printed('1'), printed('2'), printed('3')];
  answers = [going('12', { position: position({ messages: [one, two].map(id) }) })];
  meanwhile = () => {
    kernel.say(two, three);
  };
  const live = follow();
  await live.begin();
  kernel.say(printed('4'), printed('other', 'm2'));
  expect(text()).toEqual(['1234']);
  expect(shown.executionState).toBe('running');
  expect(shown.trusted).toBe(true);
  live.dispose();
});

it('knows where in a line the next character goes, and that the next output clears', async () => {
  answers = [going('begun\n10 % of it', { position: position({ cursor: 6 }) })];
  let live = follow();
  await live.begin();
  expect(text()).toEqual(['begun\n10 % of it']);
  kernel.say(printed('2'));
  expect(text()).toEqual(['begun\n20 % of it']);
  live.dispose();

  answers = [going('20', { position: position({ cursor: 1 }) })];
  live = follow();
  await live.begin();
  kernel.say(printed('1\n'));
  expect(text()).toEqual(['21\n']);
  live.dispose();

  answers = [going('old', { position: position({ clear_pending: true }) })];
  live = follow();
  await live.begin();
  expect(text()).toEqual(['old']);
  kernel.say(printed('new'));
  expect(text()).toEqual(['new']);
  live.dispose();
});

it('leaves out what is older than what the record tells of', async () => {
  const [one, two, three] = [printed('1'), printed('2'), printed('3')];
  const oldest_date = two.header.date;
  answers = [going('12', { position: position({ messages: [id(two)], oldest_date }) })];
  const live = follow();
  await live.begin();
  kernel.say(one, two, three);
  expect(text()).toEqual(['123']);
  live.dispose();
});

it('tells the end when the record knows of it', async () => {
  const over = recorded({}, [stream('12')]);
  answers = [going('1')];
  finals = () => Promise.resolve(over);
  await follow().begin();
  kernel.say(message('execute_input', { code: 'x', execution_count: 7 }));
  kernel.say(idle('m2'), message('status', { execution_state: 'busy' }));
  expect(ended).toEqual([]);
  kernel.say(printed('2'), idle());
  expect([shown.executionCount, shown.executionState]).toEqual([7, 'idle']);
  await settled();
  expect(ended).toEqual([over]);
  kernel.say(printed('late'));
  expect(text()).toEqual(['12']);
});

it('tells the end at once of what is over already', async () => {
  answers = [recorded({}, [stream('1')])];
  await follow().begin();
  expect(ended).toEqual(answers);
});

it('waits for the kernel’s connection, and catches up after each', async () => {
  kernel.connectionStatus = 'connecting';
  answers = [going('1'), going('12')];
  const live = follow();
  await live.begin();
  expect(text()).toEqual([]);
  kernel.connect();
  await settled();
  expect(text()).toEqual(['1']);
  kernel.connect();
  await settled();
  expect(text()).toEqual(['12']);
  live.dispose();
});

it('goes on from the newest connection, though an earlier answer comes later', async () => {
  let answer: (found: IRunOutputs) => void = () => undefined;
  const slow = new Promise<IRunOutputs>(resolve => (answer = resolve));
  answers = [slow, going('12')];
  const live = follow();
  const begun = live.begin();
  await settled();
  kernel.connect();
  kernel.say(printed('3'));
  await settled();
  answer(going('1'));
  await begun;
  expect(text()).toEqual(['123']);
  live.dispose();
});

it('waits with the newest connection, whatever becomes of an earlier one', async () => {
  let refuse: (reason: Error) => void = () => undefined;
  const broken = new Promise<IRunOutputs>((_, reject) => (refuse = reject));
  let answer: (found: IRunOutputs) => void = () => undefined;
  const slow = new Promise<IRunOutputs>(resolve => (answer = resolve));
  answers = [broken, slow];
  const live = follow();
  const begun = live.begin();
  await settled();
  kernel.connect();
  await settled();
  refuse(new Error('cut'));
  await begun;
  kernel.say(printed('2'));
  answer(going('1'));
  await settled();
  expect(text()).toEqual(['12']);
  live.dispose();
});

it('goes on in the model that JupyterLab makes of a moved cell', async () => {
  answers = [going('1')];
  const live = follow();
  await live.begin();
  const before = shown;
  shown = cell('a', 'code', [stream('1')]);
  before.dispose();
  kernel.say(printed('2'));
  expect(text()).toEqual(['12']);
  expect(shown.executionState).toBe('running');
  live.dispose();
});

it('says when the record can’t be had', async () => {
  answers = [new Error('gone')];
  await expect(follow().begin()).rejects.toThrow('gone');
  answers = [going('1')];
  finals = () => Promise.reject(new Error('gone'));
  await follow().begin();
  kernel.say(idle());
  await settled();
  expect(failed).toHaveLength(1);
});

function id({ header }: { header: { msg_id: string } }): string {
  return header.msg_id;
}

it('tells once what it waits for a person to answer', async () => {
  const who = { number: 0, prompt: 'who? ', password: false };
  answers = [
    going('', { question: who }),
    going('', { question: who }),
    going('', { question: { ...who, number: 1, prompt: 'why? ' } })
  ];
  await follow().begin();
  kernel.connect();
  await settled();
  expect(asked).toEqual(['who? ']);
  kernel.connect();
  await settled();
  expect(asked).toEqual(['who? ', 'why? ']);
});
