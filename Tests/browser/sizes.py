"""The windows and languages in which the page has to be well."""

DESKTOP = {"width": 1280, "height": 800}
TABLET = {"width": 768, "height": 1024}
PHONE = {"width": 390, "height": 844}
SIZES = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}
LOCALES = ["zh-CN", "en-GB"]
