/** Band order everywhere in the simulator. */
export const simulatedBands = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'] as const;

/** Surface reflectance in the order of `simulatedBands`, 0..1. */
export type Spectrum = readonly [number, number, number, number, number, number];

interface Endmember {
  readonly reflectance: Spectrum;
  readonly source: string;
}

const crops = 'median of Sentinel-2 L2A pixels, ten-day composites 2021,';
const barbara =
  'median of the field spectra in "Urban Reflectance Spectra from Santa Barbara, CA" (EcoSIS; Herold et al. 2004, Spectrometry for urban area remote sensing, RSE 91) averaged over the Sentinel-2 bands:';
const reservoir = 'median of Sentinel-2 L2A pixels of the Boadella window';

/** Pure surfaces; every figure says where it comes from. README.md says how it was measured. */
export const endmembers = {
  riceCanopy: {
    reflectance: [0.031, 0.047, 0.025, 0.413, 0.138, 0.064],
    source: `${crops} rice on 20 July, mean of Arkansas and California`,
  },
  riceRipe: {
    reflectance: [0.069, 0.114, 0.129, 0.347, 0.249, 0.16],
    source: `${crops} rice on 18 September, mean of Arkansas and California`,
  },
  floodWater: {
    reflectance: [0.038, 0.058, 0.058, 0.08, 0.036, 0.028],
    source: `${crops} rice in California on 11 May (flooded)`,
  },
  stubble: {
    reflectance: [0.07, 0.099, 0.124, 0.248, 0.286, 0.203],
    source: `${crops} rice in Arkansas on 8 October`,
  },
  uplandCanopy: {
    reflectance: [0.053, 0.073, 0.049, 0.447, 0.243, 0.12],
    source: `${crops} soybeans on 30 July`,
  },
  cerealCanopy: {
    reflectance: [0.034, 0.055, 0.032, 0.452, 0.2, 0.095],
    source: `${crops} maize on 10 June, taken for wheat and rape in leaf`,
  },
  rapeFlower: {
    reflectance: [0.05, 0.135, 0.12, 0.44, 0.21, 0.1],
    source: 'cereal canopy with green and red raised as by yellow flowers; estimated, no measurement at hand',
  },
  tilledDry: {
    reflectance: [0.098, 0.13, 0.163, 0.268, 0.347, 0.277],
    source: `${crops} soybean fields in Arkansas on 11 April (bare)`,
  },
  tilledMoist: {
    reflectance: [0.057, 0.079, 0.102, 0.186, 0.205, 0.136],
    source: `${crops} soybean fields in Arkansas on 1 January (bare, wet)`,
  },
  grass: {
    reflectance: [0.059, 0.092, 0.088, 0.385, 0.26, 0.165],
    source: `${crops} alfalfa in May and June, California`,
  },
  grassWinter: {
    reflectance: [0.054, 0.077, 0.093, 0.243, 0.246, 0.178],
    source: `${crops} alfalfa on 1 January, California`,
  },
  orchard: {
    reflectance: [0.038, 0.066, 0.055, 0.32, 0.198, 0.127],
    source: `${crops} almond orchards on 1 April, California`,
  },
  orchardBare: {
    reflectance: [0.046, 0.06, 0.075, 0.165, 0.194, 0.146],
    source: `${crops} almond orchards on 1 January, California`,
  },
  forest: {
    reflectance: [0.026, 0.046, 0.028, 0.279, 0.164, 0.08],
    source: `${reservoir} with NDVI > 0.7, 2020-06-21 and 2021-07-16; swir22 as half of swir16, as of the orchards`,
  },
  forestWinter: {
    reflectance: [0.03, 0.043, 0.034, 0.22, 0.134, 0.068],
    source: `${reservoir} with NDVI > 0.7 on 2020-02-02; swir22 as half of swir16`,
  },
  waterClear: {
    reflectance: [0.022, 0.023, 0.011, 0.007, 0.008, 0.006],
    source: `${reservoir} with NDWI > 0.2 on 2020-06-21; swir22 a little below swir16`,
  },
  waterTurbid: {
    reflectance: [0.066, 0.101, 0.096, 0.038, 0.025, 0.018],
    source: `${reservoir} with NDWI > 0.2 on 2020-02-02 (after a flood); swir22 a little below swir16`,
  },
  algae: {
    reflectance: [0.035, 0.075, 0.045, 0.17, 0.06, 0.035],
    source: 'clear water with a third of grass; composed, no measurement at hand',
  },
  asphalt: { reflectance: [0.077, 0.086, 0.1, 0.106, 0.139, 0.144], source: `${barbara} 170 roads` },
  concrete: { reflectance: [0.169, 0.193, 0.211, 0.209, 0.219, 0.215], source: `${barbara} 12 bridges` },
  concreteNew: { reflectance: [0.179, 0.218, 0.273, 0.305, 0.39, 0.424], source: `${barbara} 60 sidewalks` },
  roofDark: { reflectance: [0.079, 0.087, 0.102, 0.114, 0.112, 0.122], source: `${barbara} 31 concrete tiles` },
  roofRed: { reflectance: [0.05, 0.058, 0.168, 0.25, 0.53, 0.581], source: `${barbara} 18 clay tiles` },
  roofMetal: { reflectance: [0.161, 0.211, 0.178, 0.204, 0.27, 0.257], source: `${barbara} 18 metal sheets` },
  roofBlue: {
    reflectance: [0.27, 0.25, 0.13, 0.27, 0.28, 0.26],
    source: 'metal sheet under blue paint; estimated by shape, no measurement at hand',
  },
  roofWhite: { reflectance: [0.342, 0.373, 0.398, 0.428, 0.421, 0.412], source: `${barbara} 9 light driveways` },
  film: {
    reflectance: [0.586, 0.67, 0.722, 0.724, 0.51, 0.207],
    source: `${barbara} 2 glass sheets on a light ground; taken for plastic film`,
  },
  earth: { reflectance: [0.083, 0.111, 0.167, 0.233, 0.391, 0.42], source: `${barbara} 9 samples of dirt` },
  earthLight: { reflectance: [0.119, 0.154, 0.205, 0.233, 0.297, 0.283], source: `${barbara} 17 soils` },
  gravel: { reflectance: [0.082, 0.087, 0.135, 0.176, 0.198, 0.196], source: `${barbara} 19 gravels` },
  panel: {
    reflectance: [0.062, 0.052, 0.047, 0.058, 0.07, 0.07],
    source: 'photovoltaic panels: dark, a little blue; estimated by shape, no measurement at hand',
  },
  dustNet: {
    reflectance: [0.062, 0.105, 0.072, 0.19, 0.21, 0.18],
    source: 'green netting over bare earth at works; estimated by shape, no measurement at hand',
  },
} as const satisfies Readonly<Record<string, Endmember>>;

export type EndmemberName = keyof typeof endmembers;

/** Parts of surfaces that make up one look of one plot; the parts add up to 1. */
export type Mix = Partial<Record<EndmemberName, number>>;
