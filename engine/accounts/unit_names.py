"""The units that accounts are kept in, with the words and spellings they are written in. A word not here is no unit."""

DEFINITIONS = """
万- = 10000
亿- = 100000000

kg = [mass]
g = 0.001 kg
mg = 0.000001 kg
t = 1000 kg

kgCO2 = [co2]
gCO2 = 0.001 kgCO2
tCO2 = 1000 kgCO2

kgCO2e = [co2e]
gCO2e = 0.001 kgCO2e
tCO2e = 1000 kgCO2e

kgC = [carbon]
tC = 1000 kgC

kJ = [energy]
J = 0.001 kJ
MJ = 1000 kJ
GJ = 1000000 kJ
TJ = 1000000000 kJ
Wh = 3.6 kJ
kWh = 3600 kJ
MWh = 3600000 kJ
GWh = 3600000000 kJ
kcal = 4.1868 kJ
gce = 29.3076 kJ
kgce = 29307.6 kJ
tce = 29307600 kJ

Nm3 = [standard_volume]

m = [length]
mm = 0.001 m
cm = 0.01 m
km = 1000 m
m2 = m ** 2
km2 = 1000000 m ** 2
ha = 10000 m ** 2
m3 = m ** 3
L = 0.001 m ** 3
mL = 0.000001 m ** 3

mol = [substance]
kmol = 1000 mol

h = [time]
d = 24 h
month = [calendar]
a = 12 month

kW = kJ * h ** -1 * 3600
W = 0.001 kW
MW = 1000 kW
kWp = [peak_power]
MWp = 1000 kWp

元 = [money]

件 = [product]
台 = 件
套 = 件

人 = [person]
次 = [event]
人次 = 人 * 次
人km = 人 * km
tkm = t * km

percent = 0.01
permille = 0.001
"""
"""1 kgce = 7000 kcal (international table) = 29.3076 MJ: GB/T 2589, general rules for energy consumption.
1 kcal = 4.1868 kJ is the international table calorie that this definition rests on."""

WORDS = {
    "吨二氧化碳当量": "tCO2e",
    "千克二氧化碳当量": "kgCO2e",
    "公斤二氧化碳当量": "kgCO2e",
    "克二氧化碳当量": "gCO2e",
    "吨二氧化碳": "tCO2",
    "千克二氧化碳": "kgCO2",
    "公斤二氧化碳": "kgCO2",
    "克二氧化碳": "gCO2",
    "吨标准煤": "tce",
    "吨标煤": "tce",
    "千克标准煤": "kgce",
    "千克标煤": "kgce",
    "公斤标准煤": "kgce",
    "公斤标煤": "kgce",
    "克标准煤": "gce",
    "吨碳": "tC",
    "吉瓦时": "GWh",
    "兆瓦时": "MWh",
    "千瓦时": "kWh",
    "千瓦·时": "kWh",
    "度电": "kWh",
    "度": "kWh",
    "太焦": "TJ",
    "吉焦": "GJ",
    "百万千焦": "GJ",
    "兆焦": "MJ",
    "千焦": "kJ",
    "焦耳": "J",
    "千卡": "kcal",
    "大卡": "kcal",
    "兆瓦": "MW",
    "千瓦": "kW",
    "标准立方米": "Nm3",
    "标立方米": "Nm3",
    "标立方": "Nm3",
    "标方": "Nm3",
    "立方米": "m3",
    "平方千米": "km2",
    "平方公里": "km2",
    "平方米": "m2",
    "公顷": "ha",
    "吨公里": "tkm",
    "吨·公里": "tkm",
    "人公里": "人km",
    "人次": "人次",
    "公里": "km",
    "千米": "km",
    "毫升": "mL",
    "升": "L",
    "吨": "t",
    "千克": "kg",
    "公斤": "kg",
    "毫克": "mg",
    "克": "g",
    "厘米": "cm",
    "毫米": "mm",
    "米": "m",
    "小时": "h",
    "个月": "month",
    "月": "month",
    "年": "a",
    "天": "d",
    "日": "d",
    "人民币": "元",
    "圆": "元",
    "每": "/",
    "个": "件",
    "只": "件",
    "辆": "台",
}
"""Chinese words for units; the longest match is taken first."""

SPELLINGS = {
    **dict.fromkeys(("kwh", "KWh", "KWH", "Kwh"), "kWh"),
    **dict.fromkeys(("MWH",), "MWh"),
    **dict.fromkeys(("NM3", "nm3"), "Nm3"),
    **dict.fromkeys(("M3",), "m3"),
    **dict.fromkeys(("M2",), "m2"),
    **dict.fromkeys(("T", "ton", "tonne", "tonnes"), "t"),
    **dict.fromkeys(("KG", "Kg"), "kg"),
    **dict.fromkeys(("KM", "Km"), "km"),
    **dict.fromkeys(("l", "liter", "litre"), "L"),
    **dict.fromkeys(("CNY", "RMB", "yuan"), "元"),
    **dict.fromkeys(("pcs", "pc", "piece", "pieces", "unit", "units"), "件"),
    **dict.fromkeys(("set", "sets"), "套"),
    **dict.fromkeys(("t-km",), "tkm"),
    **dict.fromkeys(("TCE",), "tce"),
    **dict.fromkeys(("KGCE",), "kgce"),
    **dict.fromkeys(("tCO2eq", "tCO2-eq", "tCO2-e", "TCO2E", "TCO2e", "tco2e"), "tCO2e"),
    **dict.fromkeys(("kgCO2eq", "kgCO2-eq", "kgCO2-e", "KGCO2E", "KgCO2e", "kgco2e"), "kgCO2e"),
    **dict.fromkeys(("TCO2", "tco2"), "tCO2"),
    **dict.fromkeys(("KGCO2", "KgCO2", "kgco2"), "kgCO2"),
    **dict.fromkeys(("year", "yr", "y"), "a"),
    **dict.fromkeys(("hour", "hr"), "h"),
    **dict.fromkeys(("day",), "d"),
    **dict.fromkeys(("person", "人员"), "人"),
    "%": "percent",
    "‰": "permille",
}
"""Spellings that can mean one thing only. `M` for mega and `m` for milli are never taken for each other."""
