/** What an export has left out, as a table that fills itself. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { ILedger, ILedgerApi, ILeftOut } from './api';
import { SessionExportError } from './errors';
import { dispositionText, failureText, leftOutText, sizeText } from './texts';

/** So many lines are shown; manifest.json has them all. */
const MOST = 200;

export class LedgerView extends Widget {
  constructor(
    private readonly api: ILedgerApi,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-SessionExport-ledger');
    this._say(trans.__('Asking the server …'));
  }

  /** Ask what an export has left out, and show it. Never rejects. */
  async load(exportId: string): Promise<void> {
    this.node.ariaBusy = 'true';
    try {
      this._show(await this.api.ledger(exportId, MOST));
    } catch (reason) {
      this._say(failureText(SessionExportError.from(reason), this.trans));
    } finally {
      this.node.ariaBusy = 'false';
    }
  }

  private _show({ left_out, total }: ILedger): void {
    const { trans } = this;
    this._say(leftOutText(left_out.length, total, trans));
    if (left_out.length === 0) {
      return;
    }
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    const titles = [trans.__('File'), trans.__('What became of it'), trans.__('Why')];
    // What is missing has no size here; what changed while it was read does.
    const hasSizes = left_out.some(({ bytes }) => bytes);
    for (const title of hasSizes ? [...titles, trans.__('Size')] : titles) {
      head.append(headCell(title));
    }
    const body = table.createTBody();
    for (const line of left_out) {
      const texts = this._texts(line);
      const row = body.insertRow();
      for (const text of texts) {
        row.insertCell().textContent = text;
      }
      if (hasSizes) {
        const size = row.insertCell();
        size.className = 'jp-SessionExport-size';
        size.textContent = line.bytes ? sizeText(line.bytes) : '';
      }
    }
    const frame = document.createElement('div');
    frame.className = 'jp-SessionExport-ledgerLines';
    // A keyboard scrolls only what can have the focus.
    frame.tabIndex = 0;
    frame.role = 'region';
    frame.ariaLabel = trans.__('What was left out');
    frame.append(table);
    this.node.append(frame);
  }

  private _texts(line: ILeftOut): string[] {
    return [line.path, dispositionText(line, this.trans), line.reason ?? ''];
  }

  private _say(text: string): void {
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    this.node.replaceChildren(paragraph);
  }
}

function headCell(title: string): HTMLElement {
  const cell = document.createElement('th');
  cell.scope = 'col';
  cell.textContent = title;
  return cell;
}
