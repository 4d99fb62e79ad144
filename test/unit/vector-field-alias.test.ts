import { describe, expect, it } from 'vitest';
import { fieldAliases, mapFields, type FieldKind } from '../../pipeline/vector/field-alias.ts';
import { workOf, zoneOf } from '../../pipeline/vector/value-alias.ts';
import { farmlandFields, surveyFields } from '../../scripts/simulate/survey-fields.ts';

const kinds = Object.keys(fieldAliases) as FieldKind[];

describe('columns of a file', () => {
  it('of a land survey are found by their official names', () => {
    const { columns, missing } = mapFields(
      'land-survey',
      surveyFields.map(({ name }) => name),
    );
    expect(missing).toEqual([]);
    expect(columns).toEqual({
      id: 'BSM',
      code: 'DLBM',
      name: 'DLMC',
      village: 'ZLDWDM',
      villageName: 'ZLDWMC',
      planting: 'ZZSXDM',
      areaM2: 'TBMJ',
    });
  });

  it('of older surveys, of permanent farmland and in Chinese or small letters are found too', () => {
    expect(mapFields('land-survey', ['tbbh', 'dlbm', 'gdzzsxdm']).columns).toEqual({
      id: 'tbbh',
      code: 'dlbm',
      planting: 'gdzzsxdm',
    });
    expect(mapFields('land-survey', ['标识码', '地类编码', '坐落单位代码']).columns).toEqual({
      id: '标识码',
      code: '地类编码',
      village: '坐落单位代码',
    });
    expect(
      mapFields(
        'permanent-farmland',
        farmlandFields.map(({ name }) => name),
      ).columns,
    ).toMatchObject({ id: 'YJJBNTTBBH', village: 'ZLDWDM' });
    expect(mapFields('permanent-farmland', ['JBNTTBBH', 'ZLDJDM', 'JBNTLX']).columns).toEqual({
      id: 'JBNTTBBH',
      village: 'ZLDJDM',
    });
  });

  it('that a .dbf has cut to 10 bytes are found where they can mean one thing only', () => {
    const { columns } = mapFields('sub-project', ['id', 'project', 'work', 'plannedCod', 'town', 'plannedM2']);
    expect(columns['plannedCode']).toBe('plannedCod');
    expect(mapFields('land-survey', ['图斑编', '地类编', '地类名']).columns).toEqual({
      id: '图斑编',
      code: '地类编',
      name: '地类名',
    });
    // 坐落单位代码 and 坐落单位名称 are both 坐落单 in UTF-8
    expect(mapFields('land-survey', ['DLBM', '坐落单']).columns).toEqual({ code: 'DLBM' });
    expect(mapFields('land-survey', ['DLBM', '坐落单位代', '坐落单位名']).columns).toMatchObject({
      village: '坐落单位代',
      villageName: '坐落单位名',
    });
  });

  it('of the simulated permits, zones, projects and sub-projects are found', () => {
    expect(mapFields('permit', ['id', 'number', 'use', 'validFrom', 'validTo', 'areaM2', 'BZ'])).toMatchObject({
      missing: [],
      unknown: ['BZ'],
    });
    expect(mapFields('zone', ['id', 'kind', 'town', 'areaM2']).columns).toEqual({ id: 'id', zone: 'kind' });
    const project = ['id', 'name', 'county', 'towns', 'crossTown', 'stage', 'startDate', 'endDate', 'areaM2'];
    expect(mapFields('project', project)).toMatchObject({ missing: [], unknown: ['crossTown'] });
    expect(mapFields('project', ['XMBH', 'XMMC', 'XDM', '乡镇代码', 'KGRQ']).columns).toEqual({
      id: 'XMBH',
      name: 'XMMC',
      county: 'XDM',
      towns: '乡镇代码',
      startDate: 'KGRQ',
    });
  });

  it('that must be there and are not are named with what would do', () => {
    const { missing, unknown } = mapFields('land-survey', ['NAME', 'AREA', 'X']);
    expect(missing.map(({ column }) => column)).toEqual(['code']);
    expect(missing[0]!.names).toContain('DLBM');
    expect(unknown).toEqual(['AREA', 'X']);
  });

  it('have no name that means two columns of one kind', () => {
    for (const kind of kinds) {
      const names = fieldAliases[kind].flatMap((one) => [...new Set(one.names.map((name) => name.toLowerCase()))]);
      expect([kind, names.filter((name, i) => names.indexOf(name) !== i)]).toEqual([kind, []]);
    }
  });
});

describe('words in columns', () => {
  it('tell the kind of a zone and of a work', () => {
    expect(['grain-zone', '粮食生产功能区', '生态保护红线', '城镇开发边界', '高标准农田', 'x'].map(zoneOf)).toEqual([
      'grain',
      'grain',
      'red-line',
      'town-boundary',
      'high-standard',
      null,
    ]);
    expect(['contiguous', '高标准农田建设', '建设用地复垦', '新增耕地', '低效工业用地盘活', 'x'].map(workOf)).toEqual([
      'contiguous',
      'high-standard',
      'reclaimed',
      'added',
      'redeveloped',
      null,
    ]);
  });
});
