import { Option } from 'commander';

export const aoiOption = (): Option =>
  new Option('--aoi <file>', '监测范围 GeoJSON / area of interest, polygons in longitude/latitude');

export const baselineOption = (): Option =>
  new Option(
    '--baseline [which]',
    '已导入的基期数据：current（默认）、none 或编号 / imported baselines: current, none, or ids from baseline list',
  );

export const projectOption = (): Option =>
  new Option(
    '--project [which]',
    '已导入的整治项目：current（默认）、none 或编号 / imported projects: current, none, or ids from project list',
  );
