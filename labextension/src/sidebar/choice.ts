/** What of a session is to be in its ZIP. */
import { SECTIONS, type Compression, type IStats, type Section } from './contract';

export interface IChoice {
  readonly include: readonly Section[];
  readonly compression: Compression;
}

/** The folder of the notebooks may hold anything, so it is taken only when asked for. */
export const DEFAULT_CHOICE: IChoice = {
  include: SECTIONS.filter(section => section !== 'workspace'),
  compression: 'maximum'
};

/** The choice with a section in or out, in the ZIP's order. */
export function withSection(choice: IChoice, section: Section, taken: boolean): IChoice {
  const include = SECTIONS.filter(name =>
    name === section ? taken : choice.include.includes(name)
  );
  return { ...choice, include };
}

/** Bytes before compression; `isWhole` is false where a part of it is not measured. */
export function chosenBytes(
  choice: IChoice,
  stats: IStats
): { bytes: number; isWhole: boolean } {
  const figures = choice.include.map(section => stats.sections?.[section]);
  return {
    bytes: figures.reduce((sum, one) => sum + (one?.bytes ?? 0), 0),
    isWhole: figures.every(one => one !== undefined && one !== null)
  };
}
