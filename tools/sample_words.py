"""The words of which the sample spreadsheet is made: places, trades, names, what people note."""

from typing import NamedTuple


class City(NamedTuple):
    name: str
    area_code: str
    postcode: str
    districts: tuple[str, ...]


CITIES = (
    City("上海", "021", "2000", ("徐汇区", "闵行区", "浦东新区", "嘉定区")),
    City("北京", "010", "1000", ("朝阳区", "海淀区", "丰台区")),
    City("广州", "020", "5100", ("天河区", "番禺区", "黄埔区")),
    City("深圳", "0755", "5180", ("南山区", "宝安区", "龙岗区")),
    City("苏州", "0512", "2150", ("吴中区", "相城区", "工业园区")),
    City("杭州", "0571", "3100", ("滨江区", "余杭区", "萧山区")),
    City("宁波", "0574", "3150", ("鄞州区", "北仑区")),
    City("成都", "028", "6100", ("武侯区", "高新区")),
    City("石家庄", "0311", "0500", ("长安区", "裕华区")),
    City("青岛", "0532", "2660", ("城阳区", "黄岛区")),
)
# Invented words: none of them is meant to be the name of a firm that exists.
FIRMS = (
    ("澄屿", "chengyu"), ("栩川", "xuchuan"), ("禾渡", "hedu"), ("砚北", "yanbei"),
    ("沐岑", "mucen"), ("绛云", "jiangyun"), ("拓岚", "tuolan"), ("骁桐", "xiaotong"),
    ("衡隐", "hengyin"), ("霁光岛", "jiguangdao"), ("曜石湾", "yaoshiwan"), ("枫砺", "fengli"),
    ("柏箬", "boruo"), ("聿恒", "yuheng"), ("浔溪里", "xunxili"), ("朔禾", "shuohe"),
    ("嘉砾", "jiali"), ("璟澜", "jinglan"), ("垚森", "yaosen"), ("蓝栈", "lanzhan"),
    ("晏汀", "yanting"), ("钧陌", "junmo"), ("鹭屿", "luyu"), ("隽邑", "juanyi"),
)  # fmt: skip
TRADES = (
    "精密机械", "电子科技", "新材料", "包装制品", "医疗器械", "食品", "物流", "智能装备",
    "网络科技", "建筑装饰", "环保设备", "纺织", "文化传播", "仪器仪表", "模具", "供应链管理",
)  # fmt: skip
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司")
SURNAMES = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"),
    ("赵", "zhao"), ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"),
    ("朱", "zhu"), ("马", "ma"), ("胡", "hu"), ("郭", "guo"), ("林", "lin"), ("何", "he"),
    ("高", "gao"), ("梁", "liang"), ("欧阳", "ouyang"), ("谢", "xie"), ("沈", "shen"), ("卢", "lu"),
)  # fmt: skip
MEN = (
    ("建国", "jianguo"), ("志远", "zhiyuan"), ("俊", "jun"), ("海涛", "haitao"),
    ("永强", "yongqiang"), ("浩然", "haoran"), ("宏", "hong"), ("文博", "wenbo"),
    ("振华", "zhenhua"),
)  # fmt: skip
WOMEN = (
    ("晓梅", "xiaomei"), ("丽娟", "lijuan"), ("雪", "xue"), ("婷婷", "tingting"),
    ("佳怡", "jiayi"), ("玉兰", "yulan"), ("思琪", "siqi"), ("春燕", "chunyan"), ("敏", "min"),
)  # fmt: skip
DEPARTMENTS = ("采购部", "行政部", "信息部", "市场部", "设备科", "总经办", "财务", None)
TITLES = ("采购经理", "总经理", "经理", "主管", "工程师", "老板", "助理", "IT负责人", None)
MALE = ("男", "男", "先生", "男 ", "未知", None)
FEMALE = ("女", "女", "女士", "女 ", "未知", None)
ROADS = ("文汇路", "创业大道", "科苑东路", "青石街", "望湖路", "银杏路", "工业三路")
CHANNELS = ("展会", "百度", "老客户介绍", "电话", "陌拜", "官网", None)
PRODUCTS = ("CRM 标准版", "企业邮箱", "短信平台", "域名+建站", "CRM，企业邮箱", None)
REMARKS = (
    None, None, "下周再联系", "要报价单", "已加微信", "在用别家的，明年到期", "只接上午电话",
    "老板说了算，\n先约时间拜访", "  展会上要过资料 ", "预算 3-5 万", "人很好，多跟", "同行，慎重",
)  # fmt: skip
COLLEAGUES = ("小王", "李强", "阿伟", "王芳", None)
