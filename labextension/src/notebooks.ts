/** The part of a document's context that saving needs. */
export interface ISavable {
  readonly path: string;
  readonly isReady: boolean;
  readonly model: { readonly dirty: boolean; readonly readOnly: boolean };
  save(): Promise<void>;
}

/** The part of a notebook tracker that saving needs. */
export interface IOpenNotebooks {
  forEach(callback: (panel: { readonly context: ISavable }) => void): void;
}

/** Return the open notebooks that have unsaved changes, each once. */
export function unsavedNotebooks(notebooks: IOpenNotebooks): ISavable[] {
  // Several views of one notebook share its context.
  const contexts = new Set<ISavable>();
  notebooks.forEach(panel => contexts.add(panel.context));
  return [...contexts].filter(({ isReady, model }) => isReady && model.dirty);
}

/**
 * Save every open notebook that has unsaved changes, one after the other.
 *
 * @returns the paths of those that are still unsaved; JupyterLab has told why.
 */
export async function saveNotebooks(notebooks: IOpenNotebooks): Promise<string[]> {
  const unsaved: string[] = [];
  for (const context of unsavedNotebooks(notebooks)) {
    if (context.model.readOnly || !(await isSaved(context))) {
      unsaved.push(context.path);
    }
  }
  return unsaved;
}

async function isSaved(context: ISavable): Promise<boolean> {
  try {
    await context.save();
  } catch {
    return false;
  }
  return !context.model.dirty;
}
