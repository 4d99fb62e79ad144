import type { DbfField } from './shapefile.ts';

const text = (name: string, width: number): DbfField => ({ name, type: 'C', width });
const number = (name: string, width: number, decimals = 0): DbfField => ({ name, type: 'N', width, decimals });

/** DLTB as a table; names of places are given 60 bytes instead of 255, which no name here needs. */
export const surveyFields: readonly DbfField[] = [
  text('BSM', 18),
  text('YSDM', 10),
  text('TBYBH', 18),
  text('TBBH', 8),
  text('DLBM', 5),
  text('DLMC', 60),
  text('QSXZ', 2),
  text('QSDWDM', 19),
  text('QSDWMC', 60),
  text('ZLDWDM', 19),
  text('ZLDWMC', 60),
  number('TBMJ', 15, 2),
  text('KCDLBM', 5),
  number('KCXS', 6, 4),
  number('KCMJ', 15, 2),
  number('TBDLMJ', 15, 2),
  text('GDLX', 2),
  text('GDPDJB', 2),
  number('XZDWKD', 5, 1),
  text('TBXHDM', 6),
  text('TBXHMC', 20),
  text('ZZSXDM', 6),
  text('ZZSXMC', 20),
  number('GDDB', 2),
  text('FRDBS', 1),
  text('CZCSXM', 4),
  number('SJNF', 4),
  text('MSSM', 2),
  text('HDMC', 60),
  text('BZ', 60),
];

/** Permanent farmland as a table. */
export const farmlandFields: readonly DbfField[] = [
  text('YJJBNTTBBH', 20),
  text('TBBH', 8),
  text('DLBM', 5),
  text('DLMC', 60),
  text('QSXZ', 2),
  text('QSDWDM', 19),
  text('ZLDWDM', 19),
  number('YJJBNTTBMJ', 15, 2),
  number('KCMJ', 15, 2),
  number('YJJBNTMJ', 15, 2),
  text('BZ', 60),
];
