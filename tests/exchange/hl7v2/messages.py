"""Messages written by hand after the standard: versions 2.3 and 2.5.1."""

ADT_23 = (
    "MSH|^~\\&|ADT1|MCM|TRABECULA|CLINIC|198808181126||ADT^A04|MSG00001|P|2.3\r"
    "EVN|A04|198808181123\r"
    "PID|||A-77^^^MCM^MR~999^^^SSA^SS||EVERYWOMAN^EVE^E^^^^L||19540115|F|||1 ST^^TOWN\r"
    "NK1|1|EVERYMAN^ADAM|SPO\r"
    "PV1||I|2000^2012^01\r"
)
ADT_251 = (
    "MSH|^~\\&|KIS|HOSP|TRABECULA|CLINIC|20260302090000+0100||ADT^A08^ADT_A01|42|P|2.5.1|||AL|NE||"
    "UNICODE UTF-8\r"
    "EVN|A08|20260302090000\r"
    "PID|1||A-77^^^MCM&1.2.3&ISO^MR||M\u00fcller\\T\\S\u00f6hne&M\u00fcller^\u00c4nne^^^^^L||19540116000000|F\r"
)
ORU_251 = (
    "MSH|^~\\&|DXA|HOSP|TRABECULA|CLINIC|20260302100000||ORU^R01^ORU_R01|43|P|2.5.1\r"
    "PID|1||A-77^^^MCM^MR||EVERYWOMAN^EVE||19540115|F\r"
    "OBR|1|||83311-1^DXA panel^LN|||20260301\r"
    "OBX|1|NM|29463-7^Body weight^LN||143.3|[lb_av]^pound^UCUM|||||F|||20260301\r"
    "OBX|2|NM|8302-2^Body height^LN||160|cm^^UCUM|||||F|||20260301\r"
    "OBX|3|NM|38263-0^Femur T-score^LN^FNT^neck^L||-2.6|1^^UCUM|||||F|||20260301\r"
    "OBX|4|NM|38267-1^Lumbar spine T-score^LN||-1.9||||||W|||20260301\r"
    "OBX|5|CE|72166-2^Smoking^LN||77176002^Smoker^SCT||||||F|||20260301\r"
    "OBX|6|SN|TNECK^T neck^L||^-2.4||||||F|||20260301\r"
)
ORM_23 = (
    "MSH|^~\\&|RIS|HOSP|TRABECULA|CLINIC|20260302||ORM^O01|44|P|2.3\r"
    "PID|||A-77^^^MCM^MR||EVERYWOMAN^EVE||19540115|F\r"
    "ORC|NW|100|ACC-1\r"
    "OBR|1|100|ACC-1|DXA^Bone density^L||||||||||||||ACC-1||||||BMD|||^^^20260310\r"
)
MERGE = ADT_23.replace("ADT^A04", "ADT^A40").replace("MSG00001", "MSG40") + "MRG|B-1^^^MCM^MR\r"


def changed(message: str, **fields: str) -> str:
    """The message with other texts in it: each key stands for what is replaced."""
    for old, new in fields.items():
        message = message.replace(old, new)
    return message
