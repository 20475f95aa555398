import { OutputAreaModel } from '@jupyterlab/outputarea';
import { expect, it } from 'vitest';

import { Folding } from '../../src/restore/folding';
import { display, message, printed } from './fakes';

const shown = (type: string, text: string, id?: string) =>
  message(type, {
    data: { 'text/plain': text },
    metadata: {},
    ...(id && { transient: { display_id: id } })
  });

function folded(displays = {}) {
  const outputs = new OutputAreaModel();
  return { outputs, folding: new Folding(outputs, displays) };
}

const texts = (outputs: OutputAreaModel) =>
  outputs
    .toJSON()
    .map(each => each['text'] ?? (each['data'] as Record<string, string>)['text/plain']);

it('joins streams, and keeps what is shown in its order', () => {
  const { outputs, folding } = folded();
  [printed('a'), printed('b'), shown('display_data', 'c'), printed('d')].forEach(each => {
    folding.take(each);
  });
  expect(texts(outputs)).toEqual(['ab', 'c', 'd']);
});

it('updates what was displayed before, by whichever run', () => {
  const { outputs, folding } = folded({ one: [0] });
  outputs.add(display('old'));
  folding.take(shown('display_data', 'other', 'two'));
  folding.update(shown('update_display_data', 'new', 'one'));
  folding.update(shown('update_display_data', 'newer', 'two'));
  expect(texts(outputs)).toEqual(['new', 'newer']);
});

it('forgets what was displayed when it is cleared, at once or with the next output', () => {
  for (const wait of [true, false]) {
    const { outputs, folding } = folded({ one: [0] });
    outputs.add(display('old'));
    folding.take(message('clear_output', { wait }));
    folding.take(shown('display_data', 'next'));
    folding.update(shown('update_display_data', 'late', 'one'));
    expect(texts(outputs)).toEqual(['next']);
  }
});

it('does not show what other runs print', () => {
  const { outputs, folding } = folded();
  folding.update(printed('other', 'm2'));
  expect(outputs.length).toBe(0);
});
