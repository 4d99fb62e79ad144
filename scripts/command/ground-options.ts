import { InvalidArgumentError, Option } from 'commander';

export const aoiOption = (): Option =>
  new Option('--aoi <file>', '监测范围 GeoJSON / area of interest, polygons in longitude/latitude');

export const baselineOption = (): Option =>
  new Option(
    '--baseline [which]',
    '已导入的基期数据：current（默认）、none 或编号 / imported baselines: current, none, or ids from baseline list',
  );

export const countyOption = (): Option =>
  new Option(
    '--county <code>',
    '为哪个县（区）而做：6 位代码，同县任务共享一份额度，默认按现状调查或项目判定 / county it is done for, 6 digits: its runs share one turn among counties; default: where most of it lies, by the imported survey or projects',
  ).argParser((text: string) => {
    if (/^\d{6}$/.test(text)) return text;
    throw new InvalidArgumentError(`${text} is no county code: 6 digits of GB/T 2260, e.g. 330421.`);
  });

export const projectOption = (): Option =>
  new Option(
    '--project [which]',
    '已导入的整治项目：current（默认）、none 或编号 / imported projects: current, none, or ids from project list',
  );
