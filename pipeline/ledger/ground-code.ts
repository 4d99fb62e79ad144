import { reasonCode } from '../change/observe.ts';

/**
 * One byte that says what a reading shows of a place: the class (0..63), with 64 added where it is other ground than at
 * the reference; from 250 on why it was not seen.
 */
export const changedBit = 64;

/** Classes above are `noClass`. */
export const mostClasses = 62;
/** Seen, but of no class. */
export const noClass = 63;

/** Why a place was not seen; `failed`: the program could not read it. */
export const unseenReasons = ['cloud', 'shadow', 'outside', 'nodata', 'failed'] as const;
export type UnseenReason = (typeof unseenReasons)[number];

export const unseenCode: Readonly<Record<UnseenReason, number>> = {
  cloud: 250,
  shadow: 251,
  outside: 252,
  nodata: 253,
  failed: 254,
};

export const isSeen = (code: number): boolean => code < 2 * changedBit;

export const isChangedCode = (code: number): boolean => code >= changedBit && code < 2 * changedBit;

/** Position of the class in the class map, `noClass` where there is none. */
export const classOf = (code: number): number => code % changedBit;

/** Code of a place that was seen. */
export const seenCode = (classCode: number, isChanged: boolean): number =>
  (classCode > mostClasses ? noClass : classCode) + (isChanged ? changedBit : 0);

/** Code of a place by its value in a plane of reasons; a chunk that failed is 255 there. */
export const codeOfReason: Uint8Array = Uint8Array.from({ length: 256 }, (_, value) => {
  if (value === reasonCode.cloud) return unseenCode.cloud;
  if (value === reasonCode.shadow) return unseenCode.shadow;
  if (value === reasonCode.nodata) return unseenCode.nodata;
  return value === reasonCode.outside || value === reasonCode.excluded ? unseenCode.outside : unseenCode.failed;
});
