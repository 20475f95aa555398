import { beforeEach, expect, it } from 'vitest';

import { Announcer } from '../../src/sidebar/announcer';
import { at, finished, watched } from './fakes';

let announcer: Announcer;

beforeEach(() => {
  announcer = new Announcer();
  announcer.begin([finished({ id: 'old' })]);
});

it('says nothing of what was there before', () => {
  expect(announcer.next([finished({ id: 'old' })], 0)).toBeNull();
});

it('tells the begin and the end at once', () => {
  expect(announcer.next([at(0)], 0)?.kind).toBe('begun');
  expect(announcer.next([finished()], 1)?.kind).toBe('ready');
  expect(announcer.next([finished()], 2)).toBeNull();
});

it.each(['failed', 'cancelled'] as const)('tells that an export has %s', state => {
  announcer.next([at(10)], 0);
  expect(announcer.next([watched({ state })], 1)?.kind).toBe(state);
});

it('tells progress in steps of 25 %, and not more often than every five seconds', () => {
  announcer.next([at(0)], 0);
  const said = [];
  for (let percent = 1; percent < 100; percent++) {
    const news = announcer.next([at(percent)], percent * 300);
    if (news) {
      said.push(news.percent);
    }
  }
  expect(said).toEqual([25, 50, 75]);
  announcer.begin([at(0)]);
  expect(announcer.next([at(30)], 31_000)?.percent).toBe(25);
  expect(announcer.next([at(60)], 31_100)).toBeNull();
});

it('tells the end of one before the progress of another', () => {
  announcer.next([at(0, { id: 'a' })], 0);
  announcer.next([at(0, { id: 'a' }), at(0, { id: 'b' })], 1);
  const news = announcer.next([at(50, { id: 'a' }), finished({ id: 'b' })], 60_000);
  expect(news).toMatchObject({ kind: 'ready', job: { id: 'b' } });
});
