/** A notebook of JupyterLab's, as restoring sees it. */
import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { IRestorable } from './cell';
import type { IHeard } from './live';

/** An open notebook, as far as restoring goes. */
export interface IOpenNotebook {
  readonly path: string;
  readonly kernel: (IHeard & { readonly id: string }) | null;
  /** It keeps when its cells ran. */
  readonly keepsTiming: boolean;
  cells(): ReadonlyMap<string, IRestorable>;
  /** No longer wait for what a cell ran. */
  letGo(cellId: string): void;
}

export class OpenNotebook implements IOpenNotebook {
  constructor(private readonly context: NotebookPanel['context']) {}

  /** It has one more view, until that is closed. */
  add(view: NotebookPanel): void {
    this._views.add(view);
    view.disposed.connect(() => this._views.delete(view));
  }

  get path(): string {
    return this.context.localPath;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this.context.sessionContext.session?.kernel ?? null;
  }

  get keepsTiming(): boolean {
    return [...this._views].some(({ content }) => content.notebookConfig.recordTiming);
  }

  cells(): ReadonlyMap<string, IRestorable> {
    const found = new Map<string, IRestorable>();
    for (const cell of this.context.model.cells) {
      if (cell.type === 'code') {
        found.set(cell.id, cell as ICodeCellModel);
      }
    }
    return found;
  }

  /** The view in which a cell was run waits for it. */
  letGo(cellId: string): void {
    for (const { content } of this._views) {
      const widget = content.widgets.find(({ model }) => model.id === cellId);
      // JupyterLab has no future before the first run, whatever its types say.
      const { outputArea } = (widget ?? {}) as Partial<CodeCell>;
      const future = outputArea?.future as Kernel.IShellFuture | undefined;
      // What still comes of it would be there twice.
      future?.dispose();
    }
  }

  /** Answer what its kernel asks, whichever page was asked. */
  answer(value: string): void {
    // Without the question's header: the answer is to what was asked last.
    const question = {} as KernelMessage.IHeader<'input_request'>;
    this.kernel?.sendInputReply({ status: 'ok', value }, question);
  }

  private readonly _views = new Set<NotebookPanel>();
}
