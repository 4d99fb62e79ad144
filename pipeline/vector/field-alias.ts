/** Kinds of layers whose columns have names of their own. */
export type FieldKind = 'land-survey' | 'permanent-farmland' | 'permit' | 'zone' | 'project' | 'sub-project';

interface Alias {
  /** canonical name */
  readonly column: string;
  /** names in files, the most telling first; matched without case, spaces, `_` and `-` */
  readonly names: readonly string[];
  /** a file without it cannot be used */
  readonly isRequired?: boolean;
}

const alias = (column: string, ...names: string[]): Alias => ({ column, names: [column, ...names] });
const required = (column: string, ...names: string[]): Alias => ({ ...alias(column, ...names), isRequired: true });

const villageCode = alias('village', 'ZLDWDM', '坐落单位代码', '村代码', '村级代码', 'villageCode');

/**
 * Names by kind. The survey's are those of the third national survey's database and of its predecessors; there is no
 * official list for permits, zones and projects, so theirs are our own with the words such files use.
 *
 * @see TD/T 1057-2020; the domain's older spellings GDZZSXDM and JBNTTB
 */
export const fieldAliases: Readonly<Record<FieldKind, readonly Alias[]>> = {
  'land-survey': [
    alias('id', 'BSM', '标识码', 'TBBH', '图斑编号', 'TBYBH', '图斑预编号', 'parcel', 'OBJECTID', 'FID'),
    required('code', 'DLBM', '地类编码', '地类代码', 'landCode'),
    alias('name', 'DLMC', '地类名称'),
    villageCode,
    alias('town', 'XZDM', 'XZQDM', '乡镇代码', '镇代码', '行政区代码', 'townCode'),
    alias('county', 'XDM', '县代码', '县级代码', '区县代码', 'countyCode'),
    alias('villageName', 'ZLDWMC', '坐落单位名称', '村名', '村名称'),
    alias('planting', 'ZZSXDM', '种植属性代码', 'GDZZSXDM', '耕地种植属性代码', 'GDZZSX', '种植属性'),
    alias('areaM2', 'TBMJ', '图斑面积', 'TBDLMJ', '图斑地类面积', 'MJ', '面积', 'SHAPE_Area'),
  ],
  'permanent-farmland': [
    alias(
      'id',
      'BSM',
      '标识码',
      'YJJBNTTBBH',
      '永久基本农田图斑编号',
      'JBNTTBBH',
      '基本农田图斑编号',
      'TBBH',
      '图斑编号',
      'OBJECTID',
      'FID',
    ),
    alias('code', 'DLBM', '地类编码', '地类代码'),
    alias('name', 'DLMC', '地类名称'),
    { ...villageCode, names: [...villageCode.names, 'ZLDJDM', 'XZQDM'] },
    alias('areaM2', 'YJJBNTMJ', 'YJJBNTTBMJ', 'JBNTMJ', '永久基本农田面积', '基本农田面积', 'MJ'),
  ],
  permit: [
    alias('id', '标识码', 'BSM', '编号', 'permitId', 'XMDM', '项目代码', 'OBJECTID'),
    alias('number', 'PWH', 'PZWH', '批准文号', '批文号', '批文文号', '文号', 'permitNumber', 'approvalNumber'),
    alias('use', 'YT', '用途', 'PZYT', '批准用途', '土地用途', 'XMMC', '项目名称', 'purpose'),
    alias('validFrom', 'PZRQ', '批准日期', '批准时间', 'PZSJ', '起始日期', '开始日期', 'KSRQ', 'startDate'),
    alias('validTo', 'YXQZ', '有效期至', '截止日期', '终止日期', 'JZRQ', 'endDate', 'expires'),
    alias('areaM2', 'PZMJ', '批准面积', 'MJ', '面积'),
  ],
  zone: [
    alias('id', 'BSM', '标识码', 'GNQBH', '功能区编号', '编号', 'zoneId', 'code', 'OBJECTID'),
    alias('zone', 'LX', '类型', 'QYLX', '区域类型', 'zoneType', 'type', 'kind'),
    alias('name', 'MC', '名称', 'GNQMC', '功能区名称', 'XZQMC', '行政区名称', 'zoneName', 'MJMC'),
  ],
  project: [
    required('id', 'XMBH', '项目编号', 'XMDM', '项目代码', 'projectId', 'BSM', '编号'),
    alias('name', 'XMMC', '项目名称', 'projectName', '名称'),
    alias('county', 'XDM', 'XZQDM', '县代码', '区县代码', '县级代码', 'countyCode', '行政区代码', '所在县'),
    alias('towns', 'XZDM', '乡镇代码', '镇代码', 'town', '涉及乡镇', 'townCodes', '所在乡镇'),
    alias('stage', 'JD', 'XMJD', '阶段', '项目阶段', '实施阶段', 'phase'),
    alias('startDate', 'KGRQ', '开工日期', '开始日期', 'KSRQ', 'QSRQ', '起始日期', 'start'),
    alias('endDate', 'WGRQ', '完工日期', '竣工日期', 'JGRQ', '截止日期', '结束日期', 'JSRQ', 'end'),
    alias('areaM2', 'XMMJ', '项目面积', '建设规模', 'MJ', '面积'),
  ],
  'sub-project': [
    required(
      'id',
      'ZXMBH',
      '子项目编号',
      'ZXMDM',
      '子项目代码',
      'subProject',
      'subProjectId',
      'DKBH',
      '地块编号',
      'BSM',
    ),
    required('project', 'XMBH', '项目编号', 'projectId', 'XMDM', '所属项目'),
    required('work', 'GCLX', '工程类型', 'ZXMLX', '子项目类型', '整治类型', '建设内容', 'workType'),
    alias(
      'plannedCode',
      'GHDLBM',
      '规划地类编码',
      '规划地类',
      'GHYT',
      '规划用途',
      '目标地类',
      'plannedUse',
      'plannedLandCode',
    ),
    alias('town', 'XZDM', '乡镇代码', '镇代码', 'townCode', '所在乡镇'),
    alias('plannedM2', 'GHMJ', '规划面积', '计划面积', 'plannedArea', 'plannedAreaM2', 'MJ', '面积'),
  ],
};

/** Which columns of a file are which. */
export interface FieldMap {
  /** canonical name → the file's field */
  readonly columns: Readonly<Record<string, string>>;
  /** canonical names a file of this kind must have and this one has not, with the names that would do */
  readonly missing: readonly { readonly column: string; readonly names: readonly string[] }[];
  /** fields that nothing was made of, in file order; they are no error */
  readonly unknown: readonly string[];
}

const plainOf = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');

/** What is left of a name in a .dbf: 10 bytes in GBK (2 a Chinese character) or in UTF-8 (3). */
function cutNames(name: string): readonly string[] {
  const cut = (wide: number): string => {
    let [bytes, out] = [0, ''];
    for (const character of name) {
      bytes += character > '\u007F' ? wide : 1;
      if (bytes > 10) break;
      out += character;
    }
    return out;
  };
  return [cut(2), cut(3)].filter((short) => short.length < name.length && short.length >= 3);
}

/** Cut names of a kind that mean one column only; what could be two is never guessed. */
function cutsOf(aliases: readonly Alias[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const unclear = new Set<string>();
  for (const { column, names } of aliases)
    for (const short of names.flatMap(cutNames).map(plainOf)) {
      if ((found.get(short) ?? column) !== column) unclear.add(short);
      found.set(short, column);
    }
  return new Map([...found].filter(([short]) => !unclear.has(short)));
}

/**
 * Find the canonical columns of a kind among a file's fields: whole names first, in the order of the table, then names
 * cut to 10 bytes as .dbf files have them. A field serves one column only.
 */
export function mapFields(kind: FieldKind, fields: readonly string[]): FieldMap {
  const free = new Map(fields.toReversed().map((field) => [plainOf(field), field]));
  const columns: Record<string, string> = {};
  const take = (column: string, key: string): void => {
    const field = free.get(key);
    if (field === undefined || columns[column] !== undefined) return;
    columns[column] = field;
    free.delete(key);
  };
  const aliases = fieldAliases[kind];
  // a column's own name is no other column's alias
  for (const { column } of aliases) take(column, plainOf(column));
  for (const { column, names } of aliases) for (const name of names) take(column, plainOf(name));
  for (const [short, column] of cutsOf(aliases)) take(column, short);
  const used = new Set(Object.values(columns));
  return {
    columns,
    missing: aliases
      .filter(({ column, isRequired }) => isRequired === true && columns[column] === undefined)
      .map(({ column, names }) => ({ column, names })),
    unknown: fields.filter((field) => !used.has(field)),
  };
}
