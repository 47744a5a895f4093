"""What everybody does every day, in WebKit: signing in, reading, writing, and being told."""

from selenium.webdriver import Keys

TITLE = "谈事情"


def test_a_demo_user_signs_in_and_opens_a_conversation(make_window):
    window = make_window()
    window.open()
    window.click("button.user", "张伟")
    window.open_conversation("KOL订单: 产品推广视频")
    window.find(".row.message .bubble")


def test_a_message_is_sent_with_enter_and_read_by_the_other_one(sign_in, api, me, other, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.composer.send_keys("第一行")
    window.composer.send_keys(Keys.SHIFT + Keys.ENTER)
    window.composer.send_keys("第二行")
    assert window.composer.get_attribute("value") == "第一行\n第二行"
    window.composer.send_keys(Keys.ENTER)
    window.wait(lambda: window.composer.get_attribute("value") == "", "the composer is empty")
    window.expect_state("第二行", "Sent")
    api.mark_read(other, conversation_id=conversation.id).success()
    window.expect_state("第二行", "Read")


def test_a_message_arrives_while_the_conversation_is_open(sign_in, api, me, other, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.bubble("以前说过的")
    api.send_text(other, conversation, "现在说的").success()
    window.bubble("现在说的")
