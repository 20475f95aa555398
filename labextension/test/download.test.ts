import { expect, it, vi } from 'vitest';

import { startDownload } from '../src/download';

it('clicks a link with a download attribute and leaves nothing in the page', () => {
  const clicked: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement
  ) {
    clicked.push(`${this.getAttribute('href') ?? ''} as ${this.download}`);
    expect(this.isConnected).toBe(true);
  });
  startDownload('/exports/e1/download', 'session_export_2026-11-20.zip');
  expect(clicked).toEqual(['/exports/e1/download as session_export_2026-11-20.zip']);
  expect(document.querySelector('a')).toBeNull();
});
