import { beforeEach, describe, expect, it } from 'vitest';

import { SessionExportError } from '../../src/errors';
import { SessionActions } from '../../src/sidebar/actions';
import { SessionsModel } from '../../src/sidebar/sessions';
import { ended, FakeAsk, FakeSidebarApi, file, session, trans } from './fakes';

let actions: SessionActions;
let api: FakeSidebarApi;
let ask: FakeAsk;

beforeEach(() => {
  api = new FakeSidebarApi();
  ask = new FakeAsk();
  actions = new SessionActions(api, new SessionsModel(api), ask, trans);
});

const running = new SessionExportError('KERNELS_RUNNING', '1 kernel runs.', null, 409);
const dead = new SessionExportError('SERVER_UNREACHABLE', 'No answer');
const quiet = session({ kernels: [] });

/** What was asked but the looks that follow. */
const done = () => api.asked.filter(one => !/^(sessions|stats|files)/.test(one));

describe('pausing', () => {
  it('needs no question and tells what it means', async () => {
    await actions.toggleRecording(session());
    expect(done()).toEqual(['recording s1 paused']);
    expect(actions.note).toMatchObject({ kind: 'done' });
    expect(actions.note?.text).toContain('not kept');
    expect(ask.questions).toEqual([]);
  });

  it.each(['paused', 'stopped'] as const)('resumes what is %s', async state => {
    await actions.toggleRecording(session({ recording: { state, reason: null } }));
    expect(done()).toEqual(['recording s1 on']);
  });

  it('that fails tells why', async () => {
    api.failures.set('recording', dead);
    await actions.toggleRecording(session());
    expect(actions.note?.kind).toBe('failed');
    expect(actions.note?.text).toContain('does not answer');
    actions.dismiss();
    expect(actions.note).toBeNull();
  });
});

describe('purging', () => {
  it('tells how much has gone', async () => {
    ask.scope = { notebook: 'a.ipynb' };
    await actions.purge(session());
    expect(done()).toEqual(['purge s1 {"notebook":"a.ipynb"}']);
    expect(actions.note?.text).toBe('Removed 3 executions (1.2 kB).');
  });

  it('does nothing when it was thought better of', async () => {
    ask.scope = null;
    await actions.purge(session());
    expect(api.asked).toEqual([]);
  });
});

describe('ending', () => {
  it('names the kernels that run, and shuts them down', async () => {
    await actions.end(session());
    expect(ask.questions[0]?.lines.join('\n')).toContain('python3 of a.ipynb');
    expect(ask.questions[0]?.action).toBe('Shut Down and End');
    expect(done()).toEqual(['end s1 true']);
  });

  it('without kernels shuts nothing down', async () => {
    await actions.end(quiet);
    expect(ask.questions[0]?.action).toBe('End Session');
    expect(done()).toEqual(['end s1 false']);
  });

  it('asks again where a kernel has been started meanwhile', async () => {
    api.failures.set('end', running);
    await actions.end(quiet);
    expect(ask.questions).toHaveLength(2);
    expect(ask.questions[1]?.action).toBe('Shut Down and End');
    expect(ask.questions[1]?.lines[0]).toBe('1 kernel runs.');
    expect(done()).toEqual(['end s1 false', 'end s1 true']);
  });

  it('leaves the kernels where the second answer is no', async () => {
    api.failures.set('end', running);
    ask.answers = [true, false];
    await actions.end(quiet);
    expect(done()).toEqual(['end s1 false']);
    expect(actions.note).toBeNull();
  });

  it('does nothing where the answer is no', async () => {
    ask.answers = [false];
    await actions.end(session());
    expect(api.asked).toEqual([]);
  });
});

describe('removing', () => {
  it('says what goes first', async () => {
    await actions.remove(ended());
    const question = ask.questions[0]?.lines.join('\n');
    expect(question).toContain('12 recorded executions');
    expect(question).toContain('1.5 MB');
    expect(done()).toEqual(['remove s0']);
  });

  it('of a file names the file', async () => {
    await actions.deleteFile(session(), file('bulk/x/y.bin'));
    expect(ask.questions[0]?.lines[0]).toContain('bulk/x/y.bin');
    expect(done()).toEqual(['delete s1 bulk/x/y.bin']);
  });

  it('does nothing where the answer is no', async () => {
    ask.answers = [false, false];
    await actions.remove(ended());
    await actions.deleteFile(session(), file());
    expect(api.asked).toEqual([]);
  });
});

it('does one thing to a session at a time, and looks afterwards', async () => {
  const first = actions.toggleRecording(session());
  expect(actions.isBusy('s1')).toBe(true);
  await Promise.all([first, actions.toggleRecording(session())]);
  expect(actions.isBusy('s1')).toBe(false);
  expect(done()).toHaveLength(1);
  expect(api.count('sessions')).toBe(1);
});
