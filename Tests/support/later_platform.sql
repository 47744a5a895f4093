-- The platform's later tables of conversations, which have no integer id: conversation_id is the key.

SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orbia_user (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    nickname   VARCHAR(100) NULL,
    avatar_url VARCHAR(500) NULL,
    role       ENUM ('normal', 'admin') NOT NULL DEFAULT 'normal',
    status     ENUM ('normal', 'disabled', 'deleted') NOT NULL DEFAULT 'normal'
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orbia_kol (
    id      BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    UNIQUE KEY uk_user_id (user_id),
    CONSTRAINT fk_kol_user FOREIGN KEY (user_id) REFERENCES orbia_user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orbia_kol_order (
    id              BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id        VARCHAR(64) NOT NULL,
    user_id         BIGINT NOT NULL,
    kol_id          BIGINT NOT NULL,
    title           VARCHAR(200) NOT NULL,
    status          ENUM ('pending_payment', 'pending', 'confirmed', 'in_progress', 'completed', 'cancelled', 'refunded') NOT NULL DEFAULT 'pending_payment',
    conversation_id VARCHAR(64) NULL,
    created_at      TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at      TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at      TIMESTAMP NULL,
    UNIQUE KEY uk_order_id (order_id),
    KEY idx_conversation_id (conversation_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orbia_conversation (
    conversation_id    VARCHAR(64) NOT NULL PRIMARY KEY,
    title              VARCHAR(200) NULL,
    type               ENUM ('kol_order', 'ad_order', 'general', 'support') NOT NULL DEFAULT 'general',
    related_order_type VARCHAR(50) NULL,
    related_order_id   VARCHAR(64) NULL,
    status             ENUM ('active', 'archived', 'closed') NOT NULL DEFAULT 'active',
    last_message_at    TIMESTAMP NULL,
    created_at         TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at         TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at         TIMESTAMP NULL,
    KEY idx_related_order_id (related_order_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orbia_conversation_member (
    conversation_id VARCHAR(64) NOT NULL,
    user_id         BIGINT NOT NULL,
    role            ENUM ('creator', 'member', 'admin') NOT NULL DEFAULT 'member',
    unread_count    INT NOT NULL DEFAULT 0,
    last_read_at    TIMESTAMP NULL,
    joined_at       TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (conversation_id, user_id),
    CONSTRAINT fk_member_conversation FOREIGN KEY (conversation_id) REFERENCES orbia_conversation (conversation_id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orbia_message (
    message_id      VARCHAR(64) NOT NULL PRIMARY KEY,
    conversation_id VARCHAR(64) NOT NULL,
    sender_id       BIGINT NOT NULL,
    message_type    ENUM ('text', 'image', 'file', 'video', 'audio', 'system') NOT NULL DEFAULT 'text',
    content         TEXT NOT NULL,
    file_name       VARCHAR(500) NULL,
    file_size       BIGINT NULL,
    file_type       VARCHAR(100) NULL,
    status          ENUM ('sent', 'delivered', 'read', 'failed') NOT NULL DEFAULT 'sent',
    created_at      TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at      TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at      TIMESTAMP NULL,
    KEY idx_conversation_id (conversation_id),
    CONSTRAINT fk_message_conversation FOREIGN KEY (conversation_id) REFERENCES orbia_conversation (conversation_id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT INTO orbia_user (id, nickname) VALUES (1, '张伟'), (2, '李娜');
INSERT INTO orbia_kol (id, user_id) VALUES (1, 2);
INSERT INTO orbia_kol_order (order_id, user_id, kol_id, title, status, conversation_id)
VALUES ('KORD_1_1', 1, 1, '春季新品', 'confirmed', 'CONV_1_1');
INSERT INTO orbia_conversation (conversation_id, type, related_order_type, related_order_id)
VALUES ('CONV_1_1', 'kol_order', 'kol_order', 'KORD_1_1');
INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES ('CONV_1_1', 1), ('CONV_1_1', 2);
INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)
VALUES ('MSG_1_1', 'CONV_1_1', 1, '你好', NULL);
