/** Keeps what a restored cell displayed up to date, as the kernel changes it later. */
import type { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';

import type { IRestorable } from './cell';
import { Folding } from './folding';
import type { IHeard } from './live';

export class DisplayWatch implements IDisposable {
  constructor(
    private readonly kernel: IHeard,
    private readonly cell: () => IRestorable | null,
    private readonly displays: Readonly<Record<string, readonly number[]>> = {}
  ) {
    kernel.iopubMessage.connect(this._hear, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.kernel.iopubMessage.disconnect(this._hear, this);
  }

  private _hear(_: unknown, message: KernelMessage.IIOPubMessage): void {
    const cell = 'transient' in message.content ? this.cell() : null;
    if (cell) {
      new Folding(cell.outputs, this.displays).update(message);
    }
  }

  private _isDisposed = false;
}
